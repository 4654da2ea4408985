//! What is wrong with a distance is told, all at once, each with its place and what to do.

use super::{GOOD, compile, faults_with};
use kafka_bench::spec::{Border, Role};
use kafka_bench::units::Span;

#[test]
fn faults_of_a_distance_are_told() {
    for (lines, told, hint) in [
        (
            "network: { consumers: us-east-1/eu-west-3 }",
            "no distance is known of `us-east-1/eu-west-3`",
            "did you mean `us-east-1/eu-west-",
        ),
        (
            "network: { consumers: mars }",
            "no distance is known of `mars`",
            "write `{ rtt: 76ms }`, or one that was measured: near, another-zone, us-east-1/us-east-1",
        ),
        ("network: { consumers: { between: mars } }", "no distance is known of `mars`", "rtt: 76ms"),
        ("network: { consumers: { rtt: 76 } }", "`76` has no unit of time", "`250ms`"),
        ("network: { consumers: { rtt: 11s } }", "a round trip of 11s is too long", "write `10s` or less"),
        (
            "network: { consumers: { rtt: 3ms, jitter: 2ms } }",
            "a jitter of 2ms is too much for a round trip of 3ms",
            "write `690us` or less, 23% of the round trip",
        ),
        (
            "network: { consumers: { rtt: 30ms, jitter: 7ms } }",
            "a jitter of 7ms is too much for a round trip of 30ms",
            "write `6ms 900us` or less",
        ),
        (
            "network: { consumers: { rtt: 3ms, loss: 1% } }",
            "loss cannot be emulated",
            "loses no segments of TCP",
        ),
        ("network: { consumers: { bandwidth: 5GB } }", "`5GB` is not a bandwidth", "`5Gbps`"),
        (
            "network: { consumers: { crosses: sea } }",
            "`sea` is nothing that `network.consumers.crosses` can be",
            "`zone`",
        ),
        ("network: { consumer: near }", "unknown key `network.consumer`", "did you mean `consumers`?"),
        ("network: { brokers: near }", "one broker is at no distance from others", "brokers: 3"),
        ("factors: { network.consumers.rtt: [1ms, 2] }", "`2` has no unit of time", ""),
        (
            "cluster: { bootstrap: { servers: \"a:1\" } }\nnetwork: { consumers: near }",
            "a distance needs brokers that bench starts",
            "real distance",
        ),
        (
            "phases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, network: {} }]",
            "a `network` that changes nobody's is none",
            "rtt: 76ms",
        ),
        (
            "phases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, network: { consumers: { loss: 5% } } }]",
            "loss cannot be emulated",
            "netem",
        ),
        (
            "phases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, partition: { from: consumers, to: brokers } }]",
            "a `partition` has no `for`",
            "write `for: 8s`",
        ),
        (
            "phases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, partition: { for: 8s } }]",
            "a `partition` has no `to`",
            "write `to: brokers`",
        ),
        (
            "phases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, partition: { from: producers, to: brokers, for: 8s, instance: 0 } }]",
            "only consumers can be cut off one by one",
            "leave `instance` out",
        ),
        (
            "phases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, partition: { from: consumers, to: brokers, for: 8s, instance: 3 } }]",
            "there is no instance 3",
            "counted from 0",
        ),
        (
            "phases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, group: x, network: { consumers: near } }]",
            "the network is of all groups",
            "leave `group` out",
        ),
    ] {
        let faults = faults_with(lines);
        assert!(faults.contains(told) && faults.contains(hint), "{lines}: {faults}");
    }
}

#[test]
fn several_faults_of_a_distance_are_told_at_once() {
    let faults = faults_with("network: { consumers: mars, producers: { rtt: 1, loss: 2% }, brokers: near }");
    for told in ["`mars`", "`1` has no unit", "loss cannot", "one broker is at no"] {
        assert!(faults.contains(told), "{told} in {faults}");
    }
}

#[test]
fn producers_alone_have_no_consumers_that_could_be_away() {
    let text = "question: q\nworkload: {rate: 10/s}\nnetwork: { consumers: near }\n";
    assert!(compile(text, &[]).unwrap_err().contains("there are no consumers that could be away"));
    let cut = "question: q\nworkload: {rate: 10/s}\nphases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, partition: { from: producers, to: brokers, for: 2s } }]\n";
    let plan = compile(cut, &[]).unwrap();
    assert!(
        plan.to_string().contains("partition at 15s: all producers cut off from the brokers for 2s"),
        "{plan}"
    );
    assert_eq!(plan.distant().len(), 1);
}

#[test]
fn a_distance_is_a_preset_or_numbers_or_a_preset_with_numbers_over_it() {
    let network = |network: &str| {
        let plan = compile(&format!("{GOOD}network: {network}\n"), &[]).unwrap();
        plan.treatments[0].settings.network
    };
    let of = |text: &str| *network(text).of(Role::Consumers).unwrap();
    let ocean = of("{ consumers: eu-west-2/us-east-1 }");
    assert_eq!((ocean.rtt, ocean.crosses), (Span::from_nanos(76_500_000), Some(Border::Region)));
    let own = of("{ consumers: { rtt: 20ms, jitter: 0.2ms, loss: 0%, bandwidth: 5Gbps, crosses: zone } }");
    assert_eq!((own.rtt, own.bandwidth.unwrap().as_bits()), (Span::from_millis(20), 5_000_000_000));
    assert_eq!((own.place, own.crosses), (None, Some(Border::Zone)));
    let both = of("{ consumers: { between: us-east-1/eu-west-2, rtt: 90ms } }");
    assert_eq!((both.rtt, both.crosses), (Span::from_millis(90), Some(Border::Region)));
    assert_eq!(network("{}").links().count(), 0);
    assert_eq!(network("{ producers: near }").of(Role::Producers).unwrap().rtt, Span::ZERO);
}

#[test]
fn who_has_no_network_of_a_type_that_is_known_cannot_be_held_to_it() {
    for (lines, told, hint) in [
        (
            "network: { consumers: { burst: 5m } }",
            "`burst` is of a network that has a limit",
            "write `instance: baseline` beside it",
        ),
        (
            "network: { producers: { instance: baseline } }",
            "producers are no instances of a type",
            "write `bandwidth`",
        ),
        (
            "network: { consumers: { instance: baseline } }",
            "no consumers have an instance type, whose network they could have",
            "instance_type: t3.micro",
        ),
        (
            "phases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, network: { consumers: { instance: baseline } } }]",
            "what an instance's network gives is the same in all of a trial",
            "outside of `events`",
        ),
    ] {
        let faults = faults_with(lines);
        assert!(faults.contains(told) && faults.contains(hint), "{lines}: {faults}");
    }
    let held = |consumers: &str| {
        format!(
            "question: q\nworkload: {{ rate: 10/s }}\nconsumers: {consumers}\nnetwork: {{ consumers: {{ instance: baseline }} }}\n\
             instance_types: [{{ name: mine, vcpus: 2, memory: 1GiB }}]\n"
        )
    };
    let fault = |consumers: &str| compile(&held(consumers), &[]).expect_err(consumers);
    assert!(fault("{ instance_type: mine }").contains("no baseline is known of the network of `mine`"));
    let program = fault("{ group: a, instance_type: t3.micro, backend: { command: { run: x } } }");
    assert!(program.contains("`a` has a machine that is smaller than its type"), "{program}");
    let upgraded = held("{ instance_type: t3.micro }")
        + "phases: { warm_up: 5s, measure: 30s }\nevents: [{ at: 15s, upgrade: { instance_type: mine, how: replace } }]\n";
    let upgraded = compile(&upgraded, &[]).expect_err("an upgrade");
    assert!(
        upgraded.contains("no baseline is known of the network of `mine` (event `upgrade`)"),
        "{upgraded}"
    );
    let plan = compile(&held("{ instance_type: t3.micro }"), &[]).unwrap().to_string();
    assert!(plan.contains("consumers near (no delay), each instance at its type's baseline"), "{plan}");
}
