//! Which Kafka a broker is, by what it says of itself: no request asks for its version.
//!
//! Brokers with KRaft name the newest `metadata.version` that they support (KIP-584, KIP-778), of which each release has its own. All others only tell the
//! newest version of each request that they know, in which some releases are alike: then it is a range. Levels and versions were read from the classes of the
//! releases' own jars (`MetadataVersion`, `ApiKeys`), 2.8.2 to 4.3.1.

use std::fmt;

/// What a broker says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// Features that it supports, each with the newest of its levels.
    pub features: Vec<(String, i16)>,
    /// Requests that it knows, by their keys, each with its newest version.
    pub requests: Vec<(i16, i16)>,
}

/// The release that a broker is of; its last number nobody tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Release {
    /// Of none that is known: older than all.
    Before(&'static str),
    /// Between these two, both included, or just the one.
    Between(&'static str, &'static str),
    /// Newer than all that are known.
    After(&'static str),
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Release::Before(first) => write!(f, "before {first}"),
            Release::Between(least, most) if least == most => write!(f, "{least}.x"),
            Release::Between(least, most) => write!(f, "{least} to {most}"),
            Release::After(last) => write!(f, "after {last}"),
        }
    }
}

/// The feature of which each release has its own levels.
const FEATURE: &str = "metadata.version";
/// Releases that have the feature, and the newest of its levels that each supports.
const LEVELS: [(&str, i16); 11] = [
    ("3.3", 7),
    ("3.4", 8),
    ("3.5", 11),
    ("3.6", 14),
    ("3.7", 19),
    ("3.8", 20),
    ("3.9", 21),
    ("4.0", 25),
    ("4.1", 27),
    ("4.2", 29),
    ("4.3", 30),
];
/// Keys of requests that every client may send and that came to new versions: produce, fetch, offset commit, offset fetch, join group, describe ACLs.
const KEYS: [i16; 6] = [0, 1, 8, 9, 11, 29];
/// Releases that had brokers without KRaft, and the newest version of each of these.
const VERSIONS: [(&str, [i16; 6]); 10] = [
    ("2.8", [9, 12, 8, 7, 7, 2]),
    ("3.0", [9, 12, 8, 8, 7, 2]),
    ("3.1", [9, 13, 8, 8, 7, 2]),
    ("3.2", [9, 13, 8, 8, 9, 2]),
    ("3.3", [9, 13, 8, 8, 9, 3]),
    ("3.4", [9, 13, 8, 8, 9, 3]),
    ("3.5", [9, 15, 8, 8, 9, 3]),
    ("3.6", [9, 15, 9, 8, 9, 3]),
    ("3.7", [10, 16, 9, 9, 9, 3]),
    ("3.8", [11, 16, 9, 9, 9, 3]),
];

impl Spoken {
    /// The release; none where it speaks as none of Apache Kafka's does.
    pub fn release(&self) -> Option<Release> {
        match self.features.iter().find(|(name, level)| name == FEATURE && *level > 0) {
            Some((_, level)) => of_level(*level),
            None => self.of_requests(),
        }
    }

    /// The newest version of a request that it knows, by the request's key; none of one that it does not know.
    pub fn newest(&self, key: i16) -> Option<i16> {
        self.requests.iter().find(|(known, _)| *known == key).map(|(_, newest)| *newest)
    }

    fn of_requests(&self) -> Option<Release> {
        let spoken: Vec<i16> = KEYS.into_iter().map(|key| self.newest(key)).collect::<Option<_>>()?;
        let alike: Vec<&str> = VERSIONS
            .iter()
            .filter(|(_, versions)| versions[..] == spoken)
            .map(|(release, _)| *release)
            .collect();
        let (first, last) = (VERSIONS.first()?, VERSIONS.last()?);
        let all = |than: &[i16], is: fn(&i16, &i16) -> bool| spoken.iter().zip(than).all(|(a, b)| is(a, b));
        match (alike.first(), alike.last()) {
            (Some(least), Some(most)) => Some(Release::Between(least, most)),
            _ if all(&first.1, i16::le) => Some(Release::Before(first.0)),
            _ if all(&last.1, i16::ge) => Some(Release::After(last.0)),
            _ => None,
        }
    }
}

fn of_level(level: i16) -> Option<Release> {
    let (last, newest) = LEVELS.last()?;
    if level > *newest {
        return Some(Release::After(last));
    }
    let (release, _) = LEVELS.iter().find(|(_, most)| level <= *most)?;
    Some(Release::Between(release, release))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_level(level: i16) -> String {
        let spoken = Spoken {
            features: vec![("kraft.version".to_owned(), 1), (FEATURE.to_owned(), level)],
            ..Spoken::default()
        };
        spoken.release().unwrap().to_string()
    }

    fn by_requests(versions: [i16; 6]) -> Option<String> {
        let requests = KEYS.into_iter().zip(versions).chain([(3, 12)]).collect();
        Some(Spoken { requests, ..Spoken::default() }.release()?.to_string())
    }

    #[test]
    fn a_broker_with_kraft_is_known_by_the_newest_metadata_version_that_it_supports() {
        for (level, release) in
            [(7, "3.3.x"), (8, "3.4.x"), (19, "3.7.x"), (21, "3.9.x"), (25, "4.0.x"), (30, "4.3.x")]
        {
            assert_eq!(by_level(level), release);
        }
        // What has not been released in one's own time.
        assert_eq!((by_level(22), by_level(31)), ("4.0.x".to_owned(), "after 4.3".to_owned()));
    }

    #[test]
    fn one_without_is_known_by_its_requests_as_far_as_releases_differ_in_them() {
        assert_eq!(by_requests([9, 12, 8, 7, 7, 2]).unwrap(), "2.8.x");
        assert_eq!(by_requests([9, 13, 8, 8, 9, 3]).unwrap(), "3.3 to 3.4");
        assert_eq!(by_requests([11, 16, 9, 9, 9, 3]).unwrap(), "3.8.x");
        assert_eq!(by_requests([8, 11, 7, 6, 6, 1]).unwrap(), "before 2.8");
        assert_eq!(by_requests([11, 17, 9, 9, 9, 3]).unwrap(), "after 3.8");
        // Somebody else's, that knows some of them and not others.
        assert_eq!(by_requests([7, 13, 8, 7, 9, 1]), None);
        assert_eq!(Spoken::default().release(), None, "what says nothing is unknown");
    }
}
