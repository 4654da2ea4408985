//! Records of `__consumer_offsets`, in which a coordinator keeps what groups commit. Pure: bytes in, a commit out.
//!
//! Read after `OffsetCommitKey.json` and `OffsetCommitValue.json` of Apache Kafka's `group-coordinator`: classic groups and those of KIP-848 write the same.

/// The topic.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// What one record commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit<'a> {
    /// Of which group.
    pub group: &'a str,
    /// On which topic.
    pub topic: &'a str,
    /// In which partition.
    pub partition: u32,
    /// All before it was processed.
    pub offset: i64,
}

/// What a record commits; none of one that tells of members, that takes a commit back, or that is none of ours to read.
pub fn commit<'a>(key: &'a [u8], value: Option<&[u8]>) -> Option<Commit<'a>> {
    let (version, rest) = short(key)?;
    // Of 2 on keys tell of groups and their members.
    if !(0..=1).contains(&version) {
        return None;
    }
    let (group, rest) = text(rest)?;
    let (topic, rest) = text(rest)?;
    let partition = i32::from_be_bytes(*rest.first_chunk()?);
    let (_, value) = short(value?)?;
    let offset = i64::from_be_bytes(*value.first_chunk()?);
    Some(Commit { group, topic, partition: u32::try_from(partition).ok()?, offset })
}

/// The partition of the topic that keeps a group's commits: Java's hash of its name (`Utils.abs(groupId.hashCode()) % n`), of which the least integer
/// counts as 0; none of a topic without partitions.
pub fn partition_of(group: &str, partitions: u32) -> Option<u32> {
    let hash =
        group.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    hash.checked_abs().unwrap_or_default().cast_unsigned().checked_rem(partitions)
}

fn short(bytes: &[u8]) -> Option<(i16, &[u8])> {
    let (head, rest) = bytes.split_first_chunk()?;
    Some((i16::from_be_bytes(*head), rest))
}

fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = short(bytes)?;
    let (text, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(version: i16, group: &str, topic: &str, partition: i32) -> Vec<u8> {
        let text = |of: &str| [&(of.len() as i16).to_be_bytes()[..], of.as_bytes()].concat();
        [&version.to_be_bytes()[..], &text(group), &text(topic), &partition.to_be_bytes()].concat()
    }

    fn value(version: i16, offset: i64) -> Vec<u8> {
        [&version.to_be_bytes()[..], &offset.to_be_bytes(), &[0xff; 20]].concat()
    }

    #[test]
    fn a_commit_is_read_whatever_the_version_of_its_value() {
        for version in 0..=4 {
            let (key, value) = (key(1, "readers", "orders", 7), value(version, 4_711));
            let found = commit(&key, Some(&value));
            assert_eq!(
                found,
                Some(Commit { group: "readers", topic: "orders", partition: 7, offset: 4_711 })
            );
        }
    }

    #[test]
    fn what_is_no_commit_tells_nothing() {
        let good = key(1, "readers", "orders", 7);
        assert_eq!(commit(&good, None), None, "a commit that was taken back");
        assert_eq!(commit(&key(2, "readers", "orders", 7), Some(&value(3, 1))), None, "members");
        assert_eq!(commit(&key(1, "readers", "orders", -1), Some(&value(3, 1))), None);
        for cut in 0..good.len() {
            assert_eq!(commit(&good[..cut], Some(&value(3, 1))), None, "{cut} bytes of a key");
        }
        assert_eq!(commit(&good, Some(&[0, 3, 0])), None, "half a value");
    }

    #[test]
    fn a_group_is_kept_where_java_would_look_for_it() {
        // "readers".hashCode() is 1080410128; "Aa" and "BB" hash alike, and "polygenelubricants" to the least integer.
        assert_eq!(partition_of("readers", 50), Some(1_080_410_128 % 50));
        assert_eq!(partition_of("Aa", 50), partition_of("BB", 50));
        assert_eq!(partition_of("polygenelubricants", 50), Some(0));
        assert_eq!(partition_of("readers", 0), None);
    }
}
