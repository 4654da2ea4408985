//! Faults of the topic that consumers write their results to.

use super::compile;

fn of(message: &str, consumers: &str) -> Result<kafka_bench::plan::Plan, String> {
    compile(
        &format!("question: q\nworkload: {{rate: 1000/s, message: {message}}}\nconsumers: {consumers}\n"),
        &[],
    )
}

const RUN: &str = "backend: {command: {run: x}}";
const TEMPLATE: &str = "template: '{{sequence}}', fields: [{name: who, int: {from: 1, to: 9}}], headers: [{name: id, field: uuid}, {name: n, field: sequence}, {name: who, field: who}, {name: shop, value: a}]";

#[test]
fn an_id_that_messages_may_share_or_lack_is_a_fault() {
    for (message, id, told) in [
        ("{}", "{key: {}}", "several messages share a key"),
        ("{keys: {uniform: {count: 9}}}", "{key: {}}", "write `keys: { field: uuid }`"),
        ("{}", "{header: id}", "no message has the header `id`"),
        ("{}", "{header: bench}", "or `bench` with `envelope: header`"),
        ("{}", "{json: /id}", "messages that bench makes are no JSON"),
        (&format!("{{{TEMPLATE}}}"), "{json: id}", "`id` is no pointer into JSON"),
        (&format!("{{{TEMPLATE}}}"), "{header: who}", "is a field that several messages may share"),
        (&format!("{{{TEMPLATE}}}"), "{header: shop}", "is the same in every message"),
        (&format!("{{{TEMPLATE}, envelope: none}}"), "{header: id}", "write `envelope: header`"),
    ] {
        let faults = of(message, &format!("{{{RUN}, output: {{topic: t, match: {id}}}}}")).expect_err(told);
        assert!(faults.contains(told), "{message} {id}\n{faults}");
    }
    let two = "fleets: [{name: a, producers: 2, share: 100%}]";
    let text = format!(
        "question: q\nworkload: {{rate: 1/s, {two}, message: {{{TEMPLATE}}}}}\nconsumers: {{{RUN}, output: {{topic: t, match: {{header: n}}}}}}\n"
    );
    assert!(compile(&text, &[]).unwrap_err().contains("each of 2 producers counts by itself"));
}

#[test]
fn results_of_a_backlog_are_a_fault() {
    let text = format!(
        "question: q\nbacklog: {{messages: 100}}\nworkload: {{rate: 1/s, message: {{{TEMPLATE}}}}}\n\
         consumers: {{{RUN}, output: {{topic: t, match: {{header: id}}}}}}\n"
    );
    assert!(compile(&text, &[]).unwrap_err().contains("results of a `backlog` are not followed"));
}

#[test]
fn what_is_lacking_of_an_output_or_cannot_be_one_is_a_fault() {
    let message = format!("{{{TEMPLATE}}}");
    for (consumers, told) in [
        (format!("{{{RUN}, output: {{match: {{header: id}}}}}}"), "`output` has no `topic`"),
        (format!("{{{RUN}, output: {{topic: t}}}}"), "`output` has no `match`"),
        (format!("{{{RUN}, output: {{topic: 't t', match: {{header: id}}}}}}"), "no topic is named `t t`"),
        (format!("{{{RUN}, output: {{topic: t, match: {{header: id, key: {{}}}}}}}}"), "has both"),
        (format!("{{{RUN}, output: {{topik: t}}}}"), "did you mean `topic`?"),
        ("{output: {topic: t, match: {header: id}}}".to_owned(), "the reference consumer writes no results"),
        (
            format!("{{{RUN}, fan_out: 2, output: {{topic: t, match: {{header: id}}}}}}"),
            "two groups write to `t`: nobody could tell whose a result is",
        ),
    ] {
        let faults = of(&message, &consumers).expect_err(told);
        assert!(faults.contains(told), "{consumers}\n{faults}");
    }
    let text = format!(
        "question: q\ncluster: {{bootstrap: {{servers: 'a:1'}}}}\ntopic: {{existing: t}}\nworkload: {{rate: 1/s, message: {message}}}\n\
         consumers: {{{RUN}, output: {{topic: t, match: {{header: id}}}}}}\n"
    );
    let told = compile(&text, &[]).unwrap_err();
    assert!(told.contains("`t` is the topic that the load goes to"), "{told}");
    for topic in ["{pattern: 't|u'}", "[{existing: u}, {existing: t}]"] {
        let told = compile(&text.replace("{existing: t}", topic), &[]).unwrap_err();
        assert!(told.contains("`t` is a topic that the load goes to"), "{told}");
    }
    assert!(
        compile(&text.replace("{existing: t}", "{pattern: 'u.*'}"), &[]).is_ok(),
        "of several topics too"
    );
    let plan = of(&message, &format!("{{{RUN}, output: {{topic: t, match: {{header: id}}}}}}")).unwrap();
    let output = plan.treatments[0].settings.consumers[0].output.clone().unwrap();
    assert_eq!((output.topic.as_str(), output.id.to_string().as_str()), ("t", "the header `id`"));
}

#[test]
fn an_slo_on_results_needs_to_know_where_they_are() {
    let with = |output: &str, slo: &str| {
        compile(
            &format!(
                "question: q\nworkload: {{rate: 1000/s, message: {{{TEMPLATE}}}}}\nconsumers: {{{RUN}{output}}}\nslos: ['{slo}']\n"
            ),
            &[],
        )
    };
    for slo in
        ["p99(output) < 1s", "output_missing <= 0", "output_doubled <= 0", "output_latency_censored <= 0"]
    {
        let told = with("", slo).unwrap_err();
        assert!(told.contains("nobody says where the consumers write results"), "{slo}\n{told}");
        assert!(with(", output: {topic: t, match: {header: id}}", slo).is_ok(), "{slo}");
    }
}
