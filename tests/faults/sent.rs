//! Faults of what is sent, and all the ways to say it.

use super::compile;

#[test]
fn each_fault_of_what_is_sent_is_told() {
    let mut wrong = Vec::new();
    for (workload, told) in [
        ("{shape: {slope: 1/s}}", "unknown key `workload.shape.slope`"),
        ("{shape: {constnt: 1/s}}", "did you mean `constant`?"),
        ("{shape: {ramp: {from: 0/s, to: 5/s}}}", "`workload.shape.ramp` has no `over`"),
        ("{shape: {ramp: {from: 0/s, to: 5/s, over: 3}}}", "`3` has no unit of time"),
        ("{shape: {ramp: {from: 0, to: 5/s, over: 3s}}}", "`0` is not a rate"),
        ("{shape: {constant: 1/s, spike: {to: 1/s, at: 1s, for: 1s}}}", "has both `constant` and `spike`"),
        ("{shape: []}", "`workload.shape` is empty"),
        ("{shape: {steps: []}}", "`workload.shape.steps` is empty"),
        ("{shape: {steps: [{rate: 1/s}]}}", "`workload.shape.steps` has no `for`"),
        ("{shape: ramp}", "write `{ramp: {from: …, to: …, over: …}}`"),
        ("{shape: {sine: {amplitude: 5/s, period: 10s}}}", "the shape falls to -5/s at second 7.50"),
        ("{shape: [{constant: 9/s}, {sine: {amplitude: 9/s, period: 1ms}}]}", "a period of 1ms is too short"),
        ("{shape: {spike: {to: 5/s, at: 1s, for: 2s}}}", "the shape offers nothing in the window"),
        ("{shape: {constant: 0/s}}", "the shape offers nothing in the window"),
        ("{shape: {trace: {file: nowhere.csv}}}", "`nowhere.csv` cannot be read: "),
        ("{rate: 1/s, until: brokn}", "did you mean `broken`?"),
        ("{rate: 1/s, arrivals: bursts}", "write `{bursts: {on: …, off: …}}`"),
        ("{rate: 1/s, arrivals: {bursts: {on: 0s, off: 1s}}}", "a burst of no length"),
        ("{rate: 1/s, arrivals: {bursts: {on: 1us, off: 1us}}}", "bursts follow each other too quickly"),
        ("{rate: 1/s, arrivals: {bursts: {on: 1s}}}", "has no `off`"),
        ("{rate: 1/s, arrivals: [poisson]}", "should be a word or a mapping, found a list"),
        ("{rate: 1/s, message: {keys: zipf}}", "write `{zipf: {count: …, exponent: …}}`"),
        ("{rate: 1/s, message: {keys: non}}", "did you mean `none`?"),
        ("{rate: 1/s, message: {keys: {zip: {count: 3}}}}", "did you mean `zipf`?"),
        ("{rate: 1/s, message: {keys: {uniform: {count: 0}}}}", "must be at least 1"),
        ("{rate: 1/s, message: {keys: {hot: {share: 50%, count: 1}}}}", "must be at least 2"),
        (
            "{rate: 1/s, message: {keys: {zipf: {count: 3, exponent: -1}}}}",
            "`-1` is not a number from 0 to 10",
        ),
        (
            "{rate: 1/s, message: {size: {normal: {mean: 20B, sd: 1B}}}}",
            "a mean of 20B is smaller than its envelope",
        ),
        ("{rate: 1/s, message: {size: {normal: {mean: 1KiB}}}}", "has no `sd`"),
        (
            "{rate: 1/s, message: {size: {log_normal: {median: 1GiB, sigma: 1}}}}",
            "above the largest that is drawn",
        ),
        (
            "{rate: 1/s, message: {size: {log_normal: {median: 1KiB, sigma: 9}}}}",
            "`9` is not a number from 0 to 5",
        ),
        (
            "{rate: 1/s, message: {size: {table: [{size: 100B, share: 60%}]}}}",
            "`table` add up to 60%, not to 100%",
        ),
        ("{rate: 1/s, message: {size: {table: [{size: 8B, share: 100%}]}}}", "a message of 8B is smaller"),
        ("{rate: 1/s, message: {size: 0B, envelope: none}}", "a message of 0B has no bytes"),
        ("{rate: 1/s, message: {envelope: heder}}", "did you mean `header`?"),
        ("{rate: 1/s, message: {from: {order: random}}}", "`from` has no `file`"),
        ("{rate: 1/s, message: {from: {file: nowhere.jsonl}}}", "`nowhere.jsonl` cannot be read: "),
        ("{rate: 1/s, message: {from: {file: a}, template: b}}", "has both `from` and `template`"),
        ("{rate: 1/s, message: {template: a, size: 1KiB}}", "`size` cannot be set of messages of one's own"),
        ("{rate: 1/s, message: {template: a, compressibility: 5%}}", "`compressibility` cannot be set"),
        ("{rate: 1/s, message: {template: a, envelope: payload}}", "would lie over messages of one's own"),
        ("{rate: 1/s, message: {template: '{{uid}}'}}", "the template has no field `uid`"),
        ("{rate: 1/s, message: {template: '{{uuid'}}", "a `{{` that is not closed"),
        ("{rate: 1/s, message: {fields: [{name: a, choice: [b]}]}}", "`fields` are a template's"),
        ("{rate: 1/s, message: {template: a, fields: [{name: a}]}}", "`a` is one of `int` and `choice`"),
        (
            "{rate: 1/s, message: {template: a, fields: [{name: a, int: {from: 2, to: 1}}]}}",
            "there is no whole number from 2 to 1",
        ),
        (
            "{rate: 1/s, message: {template: a, fields: [{name: uuid, choice: [b]}]}}",
            "every template has a field `uuid` already",
        ),
        ("{rate: 1/s, message: {keys: {field: /a}}}", "messages that bench makes have no fields"),
        ("{rate: 1/s, message: {template: a, keys: {field: b}}}", "the template has no field `b`"),
        ("{rate: 1/s, message: {headers: [{name: a}]}}", "the header `a` has one of `value` and `field`"),
        (
            "{rate: 1/s, message: {envelope: header, headers: [{name: bench, value: a}]}}",
            "the header `bench` is the envelope's",
        ),
        (
            "{rate: 1/s, fleets: [{name: a, split: odd}]}",
            "`odd` is nothing that `workload.fleets.split` can be",
        ),
        (
            "{rate: 1/s, fleets: [{name: a, split: {zipf: {exponent: many}}}]}",
            "`many` is not a number from 0 to 10",
        ),
        ("{rate: 1/s, fleets: [{name: a, producers: 3, split: [50%, 50%]}]}", "2 shares for 3 producers"),
        ("{rate: 1/s, fleets: [{name: a, producers: 2, split: [50%, 40%]}]}", "`split` add up to 90%"),
        ("{rate: 1/s, fleets: [{name: a, producers: 2, split: [100%, 0%]}]}", "a share of 0% sends nothing"),
        ("{rate: 1/s, fleets: [{name: a, partition: 1}]}", "partition 1 of a topic with 1"),
    ] {
        let faults = compile(&format!("question: q\nworkload: {workload}\n"), &[]).expect_err(workload);
        let alone = faults.starts_with("x.yaml:2:") && faults.matches("x.yaml:").count() == 1;
        if !alone || !faults.contains(told) {
            wrong.push(format!("{workload}\n{faults}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every way to say what is sent, in one file: base and levels.
const WHAT_IS_SENT: &str = "
question: q
topic: { partitions: 4 }
workload:
  arrivals: constant
  message: { keys: { zipf: { count: 9, exponent: 1.1 } }, size: { normal: { mean: 1KiB, sd: 90B } } }
  fleets:
    - { name: a, share: 60%, producers: 2, split: { zipf: { exponent: 1 } }, partition: 3 }
    - { name: b, share: 40%, producers: 2, split: [ 70%, 30% ] }
phases: { warm_up: 10s, measure: 10s }
factors:
  load:
    flat: { workload.rate: 40/s }
    rising: { workload.shape: { ramp: { from: 0/s, to: 40/s, over: 20s } } }
    wavy: { workload.shape: [ { constant: 40/s }, { sine: { amplitude: 40/s, period: 5s } } ] }
    pulse: { workload.shape: [ { spike: { to: 80/s, at: 12s, for: 5s } }, { steps: [ { rate: 1/s, for: 1s }, { rate: 0/s, for: 1s } ] } ] }
  workload.arrivals: [ poisson, { bursts: { on: 1s, off: 3s } } ]
  workload.message.keys.zipf.exponent: [ 0.9, 1.2 ]
";

#[test]
fn what_is_sent_can_be_a_factor_in_all_its_parts() {
    let plan = compile(WHAT_IS_SENT, &["workload.fleets.b.split.zipf.exponent=2"]).unwrap();
    assert_eq!(plan.treatments.len(), 16);
    let rates: Vec<u32> =
        plan.treatments.iter().step_by(4).map(|one| one.window_rate().unwrap().round() as u32).collect();
    assert_eq!(rates, [40, 30, 40, 40]);
    let slugs: Vec<&str> = plan.treatments.iter().take(3).map(|one| one.slug.as_str()).collect();
    assert_eq!(slugs[0], "load=flat,arrivals=poisson,exponent=0.9");
    assert_eq!(slugs[2], "load=flat,arrivals=bursts-on-1s-off-3s,exponent=0.9");
    // The mean of warm-up and window says which is prepared with.
    assert!(plan.treatments[plan.prepare_treatment()].slug.starts_with("load=flat"));
    let schema = serde_json::from_str(&kafka_bench::cli::schema::text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: serde_json::Value = serde_yaml::from_str(WHAT_IS_SENT).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
