//! Figures that follow from a type's own: what an hour of all its CPU costs, how long its credits last, when a fixed type is cheaper.

use super::credits::Rules;
use super::table::nearest_fixed;
use crate::units::{InstanceType, Money};

/// What follows from a type's figures; none where one that is needed is not known, or where the type has fixed performance.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// Share of each vCPU that can be used for ever, in percent.
    pub baseline_percent_per_vcpu: Option<f64>,
    /// The same of all vCPUs together, in vCPUs; all of them for a fixed type.
    pub baseline_vcpus: f64,
    /// Minutes at 100 % from full to empty.
    pub full_to_empty_minutes: Option<f64>,
    /// Price of an hour at 100 % for ever, in unlimited mode; the price itself for a fixed type.
    pub sustained_price_per_hour: Option<Money>,
    /// Price of an hour over the vCPUs that can be used for ever.
    pub price_per_baseline_vcpu_hour: Option<Money>,
    /// The fixed type that it is compared with.
    pub nearest_fixed: Option<&'static str>,
    /// Utilisation of all vCPUs, in percent, from which on that type is cheaper than this one in unlimited mode:
    /// `baseline% + (P_fixed − P) / (P_surplus · vCPU)` (EC2 user guide, "Unlimited mode concepts"). Above 100: never.
    pub break_even_percent: Option<f64>,
}

impl Derived {
    /// Of a type.
    pub fn of(instance: &InstanceType) -> Self {
        let price = instance.price_per_hour;
        let Some(rules) = Rules::of(instance) else {
            return Derived {
                baseline_percent_per_vcpu: None,
                baseline_vcpus: f64::from(instance.vcpus),
                full_to_empty_minutes: None,
                sustained_price_per_hour: price,
                price_per_baseline_vcpu_hour: price.map(|price| price.times(1, u128::from(instance.vcpus))),
                nearest_fixed: None,
                break_even_percent: None,
            };
        };
        let (baseline, whole) = (rules.baseline(), rules.whole());
        let above = whole.saturating_sub(baseline);
        let surplus = instance.surplus_per_vcpu_hour;
        let fixed = nearest_fixed(instance);
        let break_even = || {
            let dearer = fixed?.price_per_hour? - price?;
            let all = surplus?.nanos() * i128::from(instance.vcpus);
            (all > 0).then(|| percent(baseline, whole) + dearer.nanos() as f64 / all as f64 * 100.0)
        };
        Derived {
            baseline_percent_per_vcpu: Some(percent(baseline, whole)),
            baseline_vcpus: baseline as f64 / 1e6,
            full_to_empty_minutes: (above > 0).then(|| rules.cap.as_f64() / (above as f64 / 1e6)),
            sustained_price_per_hour: price
                .zip(surplus)
                .map(|(price, surplus)| price + surplus.times(u128::from(above), 1_000_000)),
            price_per_baseline_vcpu_hour: price
                .filter(|_| baseline > 0)
                .map(|price| price.times(1_000_000, u128::from(baseline))),
            nearest_fixed: fixed.map(|fixed| fixed.name.as_str()),
            break_even_percent: break_even(),
        }
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;

    fn derived(name: &str) -> Derived {
        Derived::of(find(name).unwrap())
    }

    #[test]
    fn an_hour_of_all_the_cpu_in_unlimited_mode_is_the_rent_and_the_surplus() {
        let sizes = ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"];
        let prices = ["0.1002", "0.1004", "0.1008", "0.1216", "0.1532", "0.2864", "0.5728"];
        for (size, price) in sizes.into_iter().zip(prices) {
            let derived = derived(&format!("t3.{size}"));
            assert_eq!(derived.sustained_price_per_hour.unwrap().to_string(), price, "{size}");
        }
        assert_eq!(derived("m5.large").sustained_price_per_hour, find("m5.large").unwrap().price_per_hour);
    }

    #[test]
    fn credits_last_as_long_as_they_do() {
        let sizes = ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"];
        for (size, minutes) in sizes.into_iter().zip([75.8, 160.0, 360.0, 360.0, 617.1, 960.0, 960.0]) {
            let derived = derived(&format!("t3.{size}"));
            assert!((derived.full_to_empty_minutes.unwrap() - minutes).abs() < 0.05, "{size} {derived:?}");
        }
        assert_eq!(derived("m5.large").full_to_empty_minutes, None);
    }

    #[test]
    fn a_baseline_vcpu_hour_of_a_medium_costs_twice_that_of_a_micro() {
        let price = |name: &str| derived(name).price_per_baseline_vcpu_hour.unwrap().to_string();
        assert_eq!((price("t3.micro"), price("t3.medium")), ("0.052".to_owned(), "0.104".to_owned()));
    }

    #[test]
    fn a_fixed_type_is_cheaper_from_the_utilisation_on_that_aws_gives() {
        for (name, percent) in [("t3.large", 42.8), ("t3.xlarge", 52.8), ("t3.2xlarge", 52.8)] {
            assert!((derived(name).break_even_percent.unwrap() - percent).abs() < 1e-9, "{name}");
        }
    }
}
