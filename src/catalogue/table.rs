//! The instance types that are compiled in.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::units::{Earning, InstanceType, OF_SURPLUS, milli};

/// Launch credits of each vCPU of a T2 in standard mode; T3, T3a and T4g get none.
const T2_LAUNCH_MILLI: u64 = 30_000;

#[derive(Deserialize)]
struct Row {
    name: String,
    vcpus: u32,
    threads_per_core: Option<u32>,
    memory_mib: Option<u64>,
    credits_per_hour: String,
    max_credits: String,
    network_baseline_gbps: Option<f64>,
    network_peak_gbps: Option<f64>,
    ebs_baseline_mbps: Option<f64>,
    ebs_peak_mbps: Option<f64>,
    price_usd_per_hour: String,
    surplus_usd_per_vcpu_hour: String,
    region: String,
    date: String,
    source: String,
    surplus_date: String,
    surplus_source: String,
}

impl From<Row> for InstanceType {
    fn from(row: Row) -> Self {
        let earning = milli(&row.credits_per_hour).zip(milli(&row.max_credits));
        let launch = if row.name.starts_with("t2.") { T2_LAUNCH_MILLI * u64::from(row.vcpus) } else { 0 };
        let source = if row.surplus_source.is_empty() {
            row.source
        } else {
            format!("{}{OF_SURPLUS}{}: {})", row.source, row.surplus_date, row.surplus_source)
        };
        InstanceType {
            name: row.name,
            vcpus: row.vcpus,
            threads_per_core: row.threads_per_core,
            memory_mib: row.memory_mib,
            credits: earning.map(|(milli_per_hour, milli_max)| Earning {
                milli_per_hour,
                milli_max,
                milli_launch: launch,
            }),
            network_baseline_gbps: row.network_baseline_gbps,
            network_peak_gbps: row.network_peak_gbps,
            ebs_baseline_mbps: row.ebs_baseline_mbps,
            ebs_peak_mbps: row.ebs_peak_mbps,
            price_per_hour: row.price_usd_per_hour.parse().ok(),
            surplus_per_vcpu_hour: row.surplus_usd_per_vcpu_hour.parse().ok(),
            region: row.region,
            date: row.date,
            source,
        }
    }
}

/// All types, families together, in the order of the file.
pub fn types() -> &'static [InstanceType] {
    static TYPES: OnceLock<Vec<InstanceType>> = OnceLock::new();
    TYPES.get_or_init(|| {
        let rows = csv::Reader::from_reader(include_bytes!("types.csv").as_slice()).into_deserialize::<Row>();
        // A row that cannot be read is missing; a test counts them.
        rows.filter_map(Result::ok).map(InstanceType::from).collect()
    })
}

/// A type by its name.
pub fn find(name: &str) -> Option<&'static InstanceType> {
    types().iter().find(|known| known.name == name)
}

/// The type of fixed performance to compare a burstable one with: as many vCPUs, the nearest memory, of these the cheapest.
pub fn nearest_fixed(of: &InstanceType) -> Option<&'static InstanceType> {
    let memory = of.memory_mib?;
    types()
        .iter()
        .filter(|fixed| fixed.credits.is_none() && fixed.vcpus == of.vcpus && fixed.price_per_hour.is_some())
        .filter_map(|fixed| Some((fixed.memory_mib?.abs_diff(memory), fixed.price_per_hour, fixed)))
        .min_by_key(|(distance, price, _)| (*distance, *price))
        .map(|(_, _, fixed)| fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_of_the_file_is_a_type_with_a_dated_price() {
        let text = include_str!("types.csv");
        assert_eq!(types().len(), text.lines().count() - 1);
        let names: BTreeSet<&str> = types().iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names.len(), types().len());
        for one in types() {
            assert!(
                one.price_per_hour.is_some() && one.date.len() == 10 && !one.source.is_empty(),
                "{one:?}"
            );
            assert_eq!(one.credits.is_some(), one.name.starts_with('t'), "{one:?}");
            assert_eq!(one.credits.is_some(), one.surplus_per_vcpu_hour.is_some(), "{one:?}");
        }
    }

    #[test]
    fn the_most_that_is_kept_is_a_day_of_earning() {
        for earning in types().iter().filter_map(|one| one.credits) {
            assert_eq!(earning.milli_max, 24 * earning.milli_per_hour);
        }
    }

    #[test]
    fn families_go_up_to_the_sizes_that_they_have() {
        for family in ["t2", "t3", "t3a", "t4g", "m5", "m6i", "m7i", "c5", "c6i", "c7i", "r5", "r6i"] {
            let sizes = types().iter().filter(|one| one.name.split('.').next() == Some(family)).count();
            assert_eq!(sizes, if family.starts_with('t') { 7 } else { 4 }, "{family}");
        }
    }

    #[test]
    fn the_nearest_fixed_type_has_as_many_vcpus_and_the_nearest_memory() {
        let nearest = |name: &str| nearest_fixed(find(name).unwrap()).map(|fixed| fixed.name.as_str());
        assert_eq!(nearest("t3.large"), Some("m5.large"));
        assert_eq!(nearest("t3.micro"), Some("c5.large"));
        assert_eq!(nearest("t2.nano"), None, "none has a single vCPU");
    }
}
