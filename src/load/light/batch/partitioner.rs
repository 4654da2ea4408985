//! Which partition a message goes to, as librdkafka decides it: the same key, the same partition.

use rand::{Rng, RngExt};

/// How a partition is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partitioner {
    /// Any, for every message anew.
    Random,
    /// CRC32 of the key.
    Consistent,
    /// CRC32 of the key; any without one.
    ConsistentRandom,
    /// The Java client's murmur2 of the key.
    Murmur2,
    /// The Java client's murmur2 of the key; any without one.
    Murmur2Random,
    /// FNV-1a of the key, as Sarama has it.
    Fnv1a,
    /// FNV-1a of the key, as Sarama has it; any without one.
    Fnv1aRandom,
}

/// The partition that messages without a key go to for a while, so that batches fill.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sticky {
    partition: u32,
    until: u64,
}

impl Partitioner {
    /// By its name in `partitioner`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "random" => Some(Partitioner::Random),
            "consistent" => Some(Partitioner::Consistent),
            "consistent_random" => Some(Partitioner::ConsistentRandom),
            "murmur2" => Some(Partitioner::Murmur2),
            "murmur2_random" => Some(Partitioner::Murmur2Random),
            "fnv1a" => Some(Partitioner::Fnv1a),
            "fnv1a_random" => Some(Partitioner::Fnv1aRandom),
            _ => None,
        }
    }

    /// Whether chance decides where there is no key.
    const fn is_random(self) -> bool {
        !matches!(self, Partitioner::Consistent | Partitioner::Murmur2 | Partitioner::Fnv1a)
    }

    /// One of `count` partitions. An empty key is none, as the sender hands it over; then, where chance would decide, it decides once for `linger_ns`.
    pub fn choose(
        self,
        key: &[u8],
        count: u32,
        sticky: &mut Sticky,
        linger_ns: u64,
        now: u64,
        random: &mut impl Rng,
    ) -> u32 {
        if key.is_empty() && self.is_random() && linger_ns > 0 {
            if now >= sticky.until || sticky.partition >= count {
                *sticky = Sticky { partition: random.random_range(0..count), until: now + linger_ns };
            }
            return sticky.partition;
        }
        match self {
            _ if key.is_empty() && self.is_random() => random.random_range(0..count),
            Partitioner::Random => random.random_range(0..count),
            Partitioner::Consistent | Partitioner::ConsistentRandom => crc32fast::hash(key) % count,
            Partitioner::Murmur2 | Partitioner::Murmur2Random => (murmur2(key) & 0x7fff_ffff) % count,
            Partitioner::Fnv1a | Partitioner::Fnv1aRandom => fnv1a(key) % count,
        }
    }
}

/// MurmurHash2 (Austin Appleby) with the seed that Kafka's Java client uses.
fn murmur2(key: &[u8]) -> u32 {
    const MIX: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ key.len() as u32;
    let (words, tail) = key.as_chunks::<4>();
    for word in words {
        let mut word = u32::from_le_bytes(*word).wrapping_mul(MIX);
        word ^= word >> 24;
        hash = hash.wrapping_mul(MIX) ^ word.wrapping_mul(MIX);
    }
    if !tail.is_empty() {
        for (index, byte) in tail.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * index);
        }
        hash = hash.wrapping_mul(MIX);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MIX);
    hash ^ (hash >> 15)
}

/// FNV-1a (Fowler, Noll, Vo) of 32 bits, its amount as a signed number, as Sarama's hash partitioner has it.
fn fnv1a(key: &[u8]) -> u32 {
    let hash =
        key.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    hash.cast_signed().unsigned_abs()
}

#[cfg(test)]
#[expect(unsafe_code, reason = "librdkafka's own partitioners are the oracle")]
mod tests {
    use std::ffi::c_void;
    use std::ptr;

    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_pcg::Pcg32;
    use rdkafka::bindings as rd;

    /// The keys of librdkafka's own unit tests (rdmurmur2.c, rdfnv1a.c).
    const KEYS: [&str; 11] = [
        "kafka",
        "giberish123456789",
        "1234",
        "234",
        "34",
        "4",
        "PreAmbleWillBeRemoved,ThePrePartThatIs",
        "reAmbleWillBeRemoved,ThePrePartThatIs",
        "eAmbleWillBeRemoved,ThePrePartThatIs",
        "AmbleWillBeRemoved,ThePrePartThatIs",
        "",
    ];

    #[test]
    fn murmur2_is_that_of_the_java_client() {
        let expected = [
            0xd067_cf64,
            0x8f55_2b0c,
            0x9fc9_7b14,
            0xe7c0_09ca,
            0x8739_30da,
            0x5a4b_5ca1,
            0x7842_4f1c,
            0x4a62_b377,
            0xe0e4_e09e,
            0x62b8_b43f,
            0x106e_08d9,
        ];
        for (key, expected) in KEYS.iter().zip(expected) {
            assert_eq!(murmur2(key.as_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn fnv1a_is_that_of_sarama() {
        let expected = [
            0x0d33_c4e1,
            0x77a5_8295,
            0x023b_dd03,
            0x2dea_3cd2,
            0x740f_a83e,
            0x310c_a263,
            0x65cb_d69c,
            0x6e49_c79a,
            0x69ee_d356,
            0x6abc_c023,
            0x7ee3_623b,
        ];
        for (key, expected) in KEYS.iter().zip(expected) {
            assert_eq!(fnv1a(key.as_bytes()), expected, "{key}");
        }
    }

    #[test]
    fn the_default_takes_the_crc32_of_the_key() {
        // The check value of CRC-32 (ISO-HDLC), which librdkafka's rd_crc32 is.
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
        let mut random = Pcg32::seed_from_u64(1);
        for count in 1..20 {
            let partition = Partitioner::ConsistentRandom.choose(
                b"123456789",
                count,
                &mut Sticky::default(),
                1,
                0,
                &mut random,
            );
            assert_eq!(partition, 0xcbf4_3926 % count);
        }
    }

    proptest! {
        #[test]
        fn each_key_goes_where_librdkafka_itself_would_send_it(
            key in proptest::collection::vec(any::<u8>(), 1..40), count in 1..200_u32,
        ) {
            type Theirs = unsafe extern "C" fn(
                *const rd::rd_kafka_topic_t, *const c_void, usize, i32, *mut c_void, *mut c_void,
            ) -> i32;
            let pairs: [(&str, Theirs); 6] = [
                ("consistent", rd::rd_kafka_msg_partitioner_consistent),
                ("consistent_random", rd::rd_kafka_msg_partitioner_consistent_random),
                ("murmur2", rd::rd_kafka_msg_partitioner_murmur2),
                ("murmur2_random", rd::rd_kafka_msg_partitioner_murmur2_random),
                ("fnv1a", rd::rd_kafka_msg_partitioner_fnv1a),
                ("fnv1a_random", rd::rd_kafka_msg_partitioner_fnv1a_random),
            ];
            for (name, theirs) in pairs {
                let (mut random, mut sticky) = (Pcg32::seed_from_u64(1), Sticky::default());
                let ours = Partitioner::named(name).unwrap();
                let ours = ours.choose(&key, count, &mut sticky, 10, 0, &mut random);
                let none = ptr::null_mut();
                // SAFETY: with a key these look at nothing but the key and the number of partitions.
                let theirs = unsafe { theirs(ptr::null(), key.as_ptr().cast(), key.len(), count as i32, none, none) };
                prop_assert_eq!(ours as i32, theirs, "{}", name);
            }
        }
    }

    #[test]
    fn without_a_key_a_partition_holds_for_a_while_and_all_get_their_turn() {
        let (mut random, mut sticky) = (Pcg32::seed_from_u64(1), Sticky::default());
        let mut chosen = Vec::new();
        for now in 0..10_000_u64 {
            chosen.push(Partitioner::ConsistentRandom.choose(&[], 6, &mut sticky, 10, now, &mut random));
        }
        for while_ in chosen.chunks(10) {
            assert!(while_.iter().all(|partition| *partition == while_[0]));
        }
        for partition in 0..6 {
            let share = chosen.iter().filter(|chosen| **chosen == partition).count();
            assert!((1_200..2_200).contains(&share), "{share}");
        }
    }
}
