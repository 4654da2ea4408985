//! Requests and answers as Kafka frames them: four bytes of length, a header, a body.

use kafka_protocol::messages::{ApiKey, RequestHeader};
use kafka_protocol::protocol::{Encodable, StrBytes};

/// No answer of a broker is longer; what says so is not Kafka.
const LONGEST: usize = 100_000_000;

/// What a request's header says.
#[derive(Clone, Debug)]
pub struct Head {
    /// Which request.
    pub api: ApiKey,
    /// Its version.
    pub version: i16,
    /// The number that the answer repeats.
    pub correlation: i32,
    /// Who asks.
    pub client: StrBytes,
}

/// Appends a request with its length before it; false where the crate cannot encode it, and nothing is appended then.
pub fn write(out: &mut Vec<u8>, head: &Head, body: &impl Encodable) -> bool {
    write_as(out, head, body, head.version)
}

/// The same with a body that the crate only knows in another version, in which it is alike.
pub fn write_as(out: &mut Vec<u8>, head: &Head, body: &impl Encodable, version: i16) -> bool {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    let header = RequestHeader::default()
        .with_request_api_key(head.api as i16)
        .with_request_api_version(head.version)
        .with_correlation_id(head.correlation)
        .with_client_id(Some(head.client.clone()));
    let header_version = head.api.request_header_version(head.version);
    let encoded = header.encode(out, header_version).is_ok() && body.encode(out, version).is_ok();
    if !encoded {
        out.truncate(start);
        return false;
    }
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    true
}

/// Cuts the first whole frame (without its length) off `bytes`: its range, or `None` until more has come.
pub fn first(bytes: &[u8]) -> Result<Option<std::ops::Range<usize>>, String> {
    let Some(length) = bytes.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*length) as usize;
    if !(4..=LONGEST).contains(&length) {
        return Err(format!("an answer of {length} bytes is none of Kafka's"));
    }
    Ok((bytes.len() >= 4 + length).then_some(4..4 + length))
}

/// The number of the request that a frame answers.
pub fn correlation(frame: &[u8]) -> Option<i32> {
    frame.first_chunk::<4>().map(|bytes| i32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_cut_off_only_when_it_is_whole_and_of_kafkas_size() {
        let whole = [&[0, 0, 0, 6], &[0, 0, 0, 9, 1, 2][..], &[0, 0]].concat();
        for length in 0..10 {
            assert_eq!(first(&whole[..length]).unwrap(), None);
        }
        let range = first(&whole).unwrap().unwrap();
        assert_eq!(correlation(&whole[range]), Some(9));
        assert!(first(b"HTTP/1.1").is_err());
        assert!(first(&[0, 0, 0, 3, 0]).is_err());
    }
}
