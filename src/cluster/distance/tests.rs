//! Over real sockets, with an echo in the broker's place.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::*;

const MS: u64 = 1_000_000;

fn far(rtt_ms: u64, window: usize) -> Profile {
    let way = Way { delay_ns: rtt_ms * MS / 2, bits_per_s: None, window };
    Profile { ways: [way; 2], jitter_ns: 0 }
}

/// Consumers at a distance, and the listener that stands for their broker.
fn consumers(profile: Profile) -> (Distance, TcpListener) {
    let distance = Distance::open(&[Role::Consumers], 1, Clock::anchor(), || ()).unwrap();
    let broker = TcpListener::bind("127.0.0.1:0").unwrap();
    distance.lead(Role::Consumers, &[broker.local_addr().unwrap().port()]);
    distance.set(Role::Consumers, profile);
    (distance, broker)
}

fn call(distance: &Distance) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", distance.ports(Role::Consumers)[0])).unwrap();
    socket.set_nodelay(true).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    socket
}

/// Gives back all that it gets, to as many as call.
fn echo(broker: TcpListener) {
    std::thread::spawn(move || {
        for mut socket in broker.incoming().flatten() {
            std::thread::spawn(move || {
                let mut bytes = [0; 4_096];
                while let Ok(count @ 1..) = socket.read(&mut bytes) {
                    if socket.write_all(&bytes[..count]).is_err() {
                        break;
                    }
                }
            });
        }
    });
}

fn asked(socket: &mut TcpStream) -> Duration {
    let start = Instant::now();
    socket.write_all(b"?").unwrap();
    socket.read_exact(&mut [0]).unwrap();
    start.elapsed()
}

#[test]
fn a_question_takes_a_round_trip_a_first_one_two_and_pings_say_so() {
    let (distance, broker) = consumers(far(40, 1 << 20));
    echo(broker);
    let mut socket = call(&distance);
    let first = asked(&mut socket);
    assert!(first >= Duration::from_millis(80), "the handshake takes one too: {first:?}");
    let mut took: Vec<Duration> = (0..15).map(|_| asked(&mut socket)).collect();
    took.sort_unstable();
    // What a busy host adds is not the distance's: the least has none of it.
    let round_trip = Duration::from_millis(40)..Duration::from_millis(42);
    assert!(round_trip.contains(&took[0]), "{took:?}");
    let pings = distance.pings(Role::Consumers, &(0..u64::MAX));
    assert!(pings.iter().any(|took| (40 * MS..44 * MS).contains(took)), "{pings:?}");
    let carried = || distance.carried(Role::Consumers).unwrap();
    // The last answer is counted once it was passed on, so it may have been read by then.
    let deadline = Instant::now() + Duration::from_secs(5);
    while carried().bytes[1] < 16 && Instant::now() < deadline {
        std::thread::yield_now();
    }
    assert_eq!((carried().bytes, carried().connections), ([16, 16], 1));
}

#[test]
fn a_connection_carries_a_window_in_a_round_trip_and_an_end_comes_through() {
    let (distance, broker) = consumers(far(20, 100 << 10));
    let mut socket = call(&distance);
    let sending = std::thread::spawn(move || {
        let (mut far, _) = broker.accept().unwrap();
        far.write_all(&vec![7; 6 << 20]).unwrap();
    });
    let (mut bytes, mut got, start) = (vec![0; 1 << 20], 0, Instant::now());
    while let Ok(count @ 1..) = socket.read(&mut bytes) {
        got += count;
    }
    let per_second = got as f64 / start.elapsed().as_secs_f64();
    sending.join().unwrap();
    assert_eq!(got, 6 << 20, "all came, and then the end");
    let limit = f64::from(100 << 10) / 0.020;
    assert!((0.75..=1.02).contains(&(per_second / limit)), "{per_second} of {limit}");
}

#[test]
fn without_a_distance_a_connection_is_not_held_back() {
    let (distance, broker) = consumers(Profile::near());
    let mut socket = call(&distance);
    let sending = std::thread::spawn(move || {
        let (mut far, _) = broker.accept().unwrap();
        far.write_all(&vec![7; 64 << 20]).unwrap();
    });
    let (mut bytes, mut got, start) = (vec![0; 1 << 20], 0, Instant::now());
    while let Ok(count @ 1..) = socket.read(&mut bytes) {
        got += count;
    }
    sending.join().unwrap();
    assert_eq!(got, 64 << 20);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

#[test]
fn who_is_cut_off_hears_nothing_until_it_is_healed_and_loses_nothing() {
    let (distance, broker) = consumers(far(2, 1 << 20));
    echo(broker);
    let mut socket = call(&distance);
    asked(&mut socket);
    distance.cut(Role::Consumers, 3, Cut::Of(vec![std::process::id()]));
    let start = Instant::now();
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    socket.write_all(b"!").unwrap();
    assert!(socket.read_exact(&mut [0]).is_err(), "it is cut off");
    let mut late = call(&distance);
    late.write_all(b"!").unwrap();
    distance.heal(Role::Consumers, 3);
    for socket in [&mut socket, &mut late] {
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        socket.read_exact(&mut [0]).unwrap();
    }
    // Lost at once, tried again after 202 and 606 ms.
    assert!(start.elapsed() >= Duration::from_millis(590), "{:?}", start.elapsed());
    distance.cut(Role::Consumers, 4, Cut::Of(vec![u32::MAX]));
    asked(&mut socket);
    distance.cut(Role::Consumers, 5, Cut::All);
    distance.begin();
    asked(&mut socket);
}

#[test]
fn nobody_at_the_other_end_is_told_to_who_calls() {
    let (distance, broker) = consumers(far(2, 1 << 20));
    drop(broker);
    let mut socket = call(&distance);
    socket.write_all(b"?").ok();
    assert!(!matches!(socket.read(&mut [0]), Ok(1..)), "nobody answers");
}

#[test]
fn all_connections_of_an_instance_share_its_network_and_who_is_not_held_has_no_limit() {
    let (distance, broker) = consumers(far(0, 100 << 10));
    std::thread::spawn(move || {
        for mut socket in broker.incoming().flatten() {
            std::thread::spawn(move || while socket.write_all(&[7; 16 << 10]).is_ok() {});
        }
    });
    // A megabyte a second, for both.
    let allowance = Allowance { baseline: 8_000_000, peak: 8_000_000, burst_ns: 0 };
    let early = call(&distance);
    distance.hold(Role::Consumers, vec![Held { number: 1, pids: vec![std::process::id()], allowance }]);
    assert_eq!(distance.held(Role::Consumers).into_iter().collect::<Vec<_>>(), [std::process::id()]);
    let sockets = [early, call(&distance)];
    let read = |mut socket: &TcpStream, bytes: usize| socket.read_exact(&mut vec![0; bytes]).unwrap();
    // What came before anybody was held is no part of it.
    for socket in &sockets {
        read(socket, 300_000);
    }
    let start = Instant::now();
    std::thread::scope(|scope| {
        for socket in &sockets {
            scope.spawn(|| read(socket, 200_000));
        }
    });
    let took = start.elapsed();
    assert!(
        took > Duration::from_millis(250),
        "400 kB take 400 ms, a window of which may be there: {took:?}"
    );
    distance.hold(Role::Consumers, Vec::new());
    let start = Instant::now();
    read(&sockets[0], 8_000_000);
    assert!(start.elapsed() < Duration::from_secs(4), "8 MB would take 8 s: {:?}", start.elapsed());
}
