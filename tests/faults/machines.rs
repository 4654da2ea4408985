//! What is wrong with instance types, credits, emulation and prices is told.

use std::fs;

use kafka_bench::plan;
use kafka_bench::spec::{Document, Overrides};

use super::{GOOD, compile, faults_with};

#[test]
fn faults_of_types_emulation_and_prices_are_told() {
    for (lines, told) in [
        ("emulation: {vcpu: 0.5%}", "a vCPU of 0.5% of a core is too little"),
        ("emulation: {enforce: kernel}", "`kernel` is nothing that `emulation.enforce` can be"),
        ("instance_types: [{name: a}]", "instance type `a` has no `vcpus`"),
        ("instance_types: [{name: a, vcpus: 1, price: 0.1}]", "`0.1` is not a price `/h`"),
        ("instance_types: [{name: a, vcpus: 1, max_credits: 3}]", "keeps credits and earns none"),
        ("prices: {brokers: €0.2/h}", "names no currency that bench counts in"),
        ("prices: {instances: {t3.micro: $0.01/GB}}", "is not a price `/h`"),
        ("prices: {instances: {t3.mcro: $0.01/h}}", "`t3.mcro` is no instance type"),
        ("prices: {surplus: {t3.mcro: $0.05/vCPU-h}}", "did you mean `t3.micro`?"),
        ("prices: {file: nowhere.csv}", "`nowhere.csv` cannot be read: "),
        ("prices: {transfer: {cross_zone: {crossings: 2}}}", "`prices.transfer.cross_zone` has no `price`"),
        ("factors: {emulation.vcpu: [10%, 20%]}", "`emulation` must be the same for all trials"),
    ] {
        let faults = faults_with(lines);
        assert!(faults.contains(told) && faults.starts_with("x.yaml:"), "{lines}\n{faults}");
    }
}

#[test]
fn faults_of_consumers_are_told() {
    for (consumers, told) in [
        ("{instance_type: t3.mico}", "did you mean `t3.micro`?"),
        ("{instance_type: z9.huge}", "`z9.huge` is no instance type"),
        ("{credits: {mode: standard}}", "`consumers` has no `instance_type` whose credits these would be"),
        ("{instance_type: m5.large, credits: {}}", "`m5.large` has fixed performance and no credits"),
        ("{instance_type: t3.micro, credits: {start: 30}}", "`30` is no state of credits"),
        ("{instance_type: t3.micro, credits: {start: 300 credits}}", "keeps 288 credits at most"),
        ("{instance_type: t3.micro, credits: {time_scale: 0}}", "must be at least 1"),
        ("{backend: {process: {work: {disk: {sync: true}}}}}", "`work.disk` has no `write`"),
        ("{backend: {process: {work: {disk: {write: 1KiB, sync: yes}}}}}", "neither `true` nor `false`"),
        ("{backend: {process: {work: {model: {layers: 2}}}}}", "`work.model` has no `width`"),
        ("{backend: {process: {work: {memory: 3}}}}", "has no unit of bytes"),
        (
            "[{group: a, instance_type: t3.micro}, {group: b}]",
            "`instance_type` in a list of several groups is not built yet",
        ),
    ] {
        let text = format!("question: q\nworkload: {{rate: 10/s}}\nconsumers: {consumers}\n");
        let faults = compile(&text, &[]).expect_err(consumers);
        assert!(faults.contains(told), "{consumers}\n{faults}");
    }
}

#[test]
fn credits_beside_types_of_fixed_performance_are_of_those_that_have_them_and_the_plan_says_so() {
    let of = |consumers: &str, factors: &str| {
        let head = "question: q\nworkload: {rate: 10/s}\nemulation: {vcpu: 1%}\n";
        compile(&format!("{head}consumers: {consumers}\nfactors: {{{factors}}}\n"), &[])
    };
    let credits = "{credits: {mode: standard, start: full}}";
    let plan = of(credits, "consumers.instance_type: [t3.micro, m5.large]").unwrap();
    let said = "\ncredits     t3.micro: standard from full; m5.large: fixed performance, none\n";
    assert!(plan.to_string().contains(said), "{plan}");
    let json = plan.to_json();
    let modes = [0, 1].map(|at| json["treatments"][at]["emulated"][0]["credit_mode"].clone());
    assert_eq!(modes, [serde_json::json!("standard"), serde_json::Value::Null]);
    let all_fixed = of(credits, "consumers.instance_type: [m5.large, c5.large]").unwrap_err();
    assert!(
        all_fixed.contains("x.yaml:4:13: `m5.large` has fixed performance and no credits"),
        "{all_fixed}"
    );
    assert_eq!(all_fixed.matches("fixed performance").count(), 1, "{all_fixed}");
    // A level that asks for credits of its own type is judged by itself.
    let level =
        |kind: &str| format!("{{consumers.instance_type: {kind}, consumers.credits: {{start: full}}}}");
    let levels = format!("kind: {{a: {}, b: {}}}", level("t3.micro"), level("m5.large"));
    assert!(of("{}", &levels).unwrap_err().contains("`m5.large` has fixed performance"), "{levels}");
    assert!(of("{instance_type: t3.micro}", "consumers.credits.start: [cold, full]").is_ok());
    let too_many = of("{credits: {start: 300 credits}}", "consumers.instance_type: [t3.micro, m5.large]");
    assert!(too_many.unwrap_err().contains("`t3.micro` keeps 288 credits at most"));
}

#[test]
fn scaled_credit_time_needs_a_constant_rate() {
    let of = |rate: &str, scale: u32| {
        let consumers = format!("{{instance_type: t3.micro, credits: {{time_scale: {scale}}}}}");
        compile(&format!("question: q\nworkload: {{{rate}}}\nconsumers: {consumers}\n"), &[])
    };
    assert!(of("rate: max", 60).unwrap_err().contains("scaled credit time needs a constant rate"));
    let rising = "shape: {ramp: {from: 0/s, to: 40/s, over: 9s}}";
    assert!(of(rising, 60).unwrap_err().contains("scaled credit time needs a constant rate"));
    let bursts = "rate: 10/s, arrivals: {bursts: {on: 1s, off: 1s}}";
    assert!(of(bursts, 60).unwrap_err().contains("scaled credit time needs a constant rate"));
    assert!(of(bursts, 1).is_ok());
    assert!(of("shape: {constant: 9/s}", 60).is_ok() && of(rising, 1).is_ok());
    assert!(of("rate: max", 1).is_ok() && of("rate: 10/s", 60).is_ok());
}

#[test]
fn instances_that_want_more_than_the_host_has_less_a_core_are_refused_with_the_sum() {
    let cores = std::thread::available_parallelism().unwrap().get() as f64;
    let asked = |instances: f64| {
        let set = [format!("consumers.instances={instances}"), "emulation.vcpu=50%".to_owned()];
        compile(&format!("{GOOD}emulation: {{}}\n"), &["consumers.instance_type=t3.micro", &set[0], &set[1]])
    };
    if cores >= 2.0 {
        assert!(asked(cores - 1.0).is_ok());
    }
    let faults = asked(cores).unwrap_err();
    assert!(faults.contains(&format!("{cores} × t3.micro × 2 vCPUs × 50% = {cores:.2} cores")), "{faults}");
}

#[test]
fn credits_behave_as_with_aws_unless_asked_otherwise() {
    let machine = |kind: &str, rest: &str| {
        let text = format!(
            "question: q\nworkload: {{rate: 10/s}}\nconsumers: {{instance_type: {kind}{rest}}}\nemulation: {{vcpu: 1%}}\n\
             instance_types: [{{name: own, vcpus: 2, memory: 1GiB, credits_per_hour: 81.6}}]\n"
        );
        compile(&text, &[]).unwrap().treatments[0].settings.consumers[0].machine.clone().unwrap()
    };
    assert_eq!(machine("t3.micro", "").credits.mode.name(), "unlimited");
    assert_eq!(machine("t2.micro", "").credits.mode.name(), "standard");
    let own = machine("own", ", credits: {start: full}");
    assert_eq!((own.credits.mode.name(), own.instance.credits.unwrap().milli_max), ("standard", 1_958_400));
}

#[test]
fn surplus_at_no_known_price_is_a_fault_where_the_rent_is_known() {
    let of = |rest: &str, mode: &str| {
        let text = format!(
            "question: q\nworkload: {{rate: 10/s}}\nconsumers: {{instance_type: own, credits: {{mode: {mode}}}}}\n\
             emulation: {{vcpu: 1%}}\ninstance_types: [{{name: own, vcpus: 2, memory: 1GiB, credits_per_hour: 12{rest}}}]\n"
        );
        compile(&text, &[])
    };
    let faults = of(", price: $0.01/h", "unlimited").unwrap_err();
    assert!(faults.contains("no price of surplus of `own` is known"), "{faults}");
    assert!(of(", price: $0.01/h, surplus: $0.05/vCPU-h", "unlimited").is_ok());
    assert!(of(", price: $0.01/h", "standard").is_ok() && of("", "unlimited").is_ok());
}

#[test]
fn prices_are_the_catalogues_of_that_region_and_what_is_written_goes_over_them() {
    let folder = tempfile::tempdir().unwrap();
    // A table may hold what bench does not know.
    let table = "item,price\nt3.micro,$0.02/h\nbrokers,$0.3/h\nx9.huge,$9/h\n";
    fs::write(folder.path().join("ours.csv"), table).unwrap();
    let prices = |written: &str| {
        let text = format!("{GOOD}emulation: {{vcpu: 1%}}\n{written}");
        let set =
            Overrides { set: vec!["consumers.instance_type=t3.micro".to_owned()], ..Overrides::default() };
        let document = Document::parse(&folder.path().join("x.yaml"), text, &set).unwrap();
        plan::compile(&document).map(|plan| plan.prices).map_err(|faults| faults.to_string())
    };
    let rent = |written: &str| prices(written).unwrap().instances["t3.micro"].usd.to_string();
    assert_eq!(rent(""), "0.0104");
    assert_eq!(rent("prices: {file: ours.csv}"), "0.02");
    assert_eq!(rent("prices: {file: ours.csv, instances: {t3.micro: $0.03/h}}"), "0.03");
    let all = prices("prices: {file: ours.csv, storage: $0.1/GB-month}").unwrap();
    assert_eq!((all.region.as_str(), all.brokers.unwrap().source.as_str()), ("us-east-1", "ours.csv"));
    let own = "instance_types: [{name: own, vcpus: 1}]\nprices: {instances: {own: $0.2/h}}";
    assert_eq!(prices(own).unwrap().instances["own"].usd.to_string(), "0.2");
    let elsewhere = prices("prices: {region: eu-west-2}").unwrap_err();
    assert!(elsewhere.contains("no price of instances of `t3.micro` is known in eu-west-2"), "{elsewhere}");
}

#[test]
fn what_no_single_value_can_mend_is_told_where_it_is_written() {
    let of = |rest: &str| {
        let text = format!("question: q\nworkload: {{rate: 10/s}}\n{rest}");
        compile(&text, &[]).unwrap_err()
    };
    let kind = "consumers: {instances: 4000, instance_type: t3.micro}\n";
    let cores = of(&format!("{kind}emulation: {{vcpu: 50%}}\n"));
    assert!(cores.contains(":4:1: `base` wants 4000 × t3.micro"), "{cores}");
    let prices = of(&format!("{}prices: {{region: eu-west-2}}\n", kind.replace("4000", "1")));
    assert!(prices.contains(":4:1: no price of instances of `t3.micro`"), "{prices}");
    let many = of("factors: {workload.rate: [1/s, 2/s]}\nrepetitions: 100000\n");
    assert!(many.contains(":3:1: the factors make 2 treatments and 200000 trials"), "{many}");
}
