//! The request that carries a batch, and its answer. It is written by hand: the crate's would copy the batch.

use bytes::{BufMut, Bytes};
use kafka_protocol::messages::{ApiKey, ProduceResponse, ResponseHeader, TopicName};
use kafka_protocol::protocol::{Decodable, HeaderVersion, StrBytes};

/// From this version on lengths are numbers of as many bytes as they need, and tagged fields may follow.
const FLEXIBLE: i16 = 9;
/// That none follow.
const NO_TAGS: u8 = 0;

/// Where a batch goes, and on which terms.
#[derive(Clone, Debug)]
pub struct ProduceTo<'a> {
    /// The topic.
    pub topic: &'a TopicName,
    /// The partition.
    pub partition: i32,
    /// 0, 1 or −1 for all.
    pub acks: i16,
    /// How long the broker may wait for its replicas.
    pub timeout_ms: i32,
}

/// Appends the request that sends one batch of `length` bytes, encoded already, with its length before it, but without the batch: that belongs at the place
/// that is returned.
pub fn produce(
    out: &mut Vec<u8>,
    version: i16,
    (correlation, client): (i32, &StrBytes),
    to: &ProduceTo<'_>,
    length: usize,
) -> usize {
    let form = Form { flexible: version >= FLEXIBLE };
    let start = out.len();
    out.put_slice(&[0; 4]);
    out.put_i16(ApiKey::Produce as i16);
    out.put_i16(version);
    out.put_i32(correlation);
    // In a header a name keeps its length of two bytes.
    Form { flexible: false }.text(out, client);
    form.tags(out, 1);
    form.no_text(out); // no transaction
    out.put_i16(to.acks);
    out.put_i32(to.timeout_ms);
    form.length(out, 1);
    form.text(out, to.topic);
    form.length(out, 1);
    out.put_i32(to.partition);
    form.length(out, length);
    let place = out.len();
    form.tags(out, 3); // of the partition, the topic, the request
    let whole = (out.len() - start - 4 + length) as u32;
    out[start..start + 4].copy_from_slice(&whole.to_be_bytes());
    place
}

/// How a version writes things down.
#[derive(Clone, Copy, Debug)]
struct Form {
    flexible: bool,
}

impl Form {
    /// How many elements an array has, or bytes a batch.
    fn length(self, out: &mut Vec<u8>, length: usize) {
        if self.flexible {
            varint(out, length as u32 + 1);
        } else {
            out.put_u32(length as u32);
        }
    }

    fn text(self, out: &mut Vec<u8>, text: &str) {
        if self.flexible {
            varint(out, text.len() as u32 + 1);
        } else {
            out.put_u16(text.len() as u16);
        }
        out.put_slice(text.as_bytes());
    }

    fn no_text(self, out: &mut Vec<u8>) {
        if self.flexible {
            out.put_u8(0);
        } else {
            out.put_i16(-1);
        }
    }

    /// That so many things have no tagged fields, where they could.
    fn tags(self, out: &mut Vec<u8>, of: usize) {
        if self.flexible {
            out.put_bytes(NO_TAGS, of);
        }
    }
}

fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

/// What a broker answers to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Produced {
    /// Its error code, 0 for none.
    pub code: i16,
    /// The offset of the batch's first message.
    pub offset: i64,
    /// For how long it holds the producer back because of a quota, in ms.
    pub throttled_ms: u64,
}

/// What a broker answers to a batch; `None` where it cannot be read.
pub fn read_produced(frame: &[u8], version: i16) -> Option<Produced> {
    let mut bytes = Bytes::copy_from_slice(frame);
    ResponseHeader::decode(&mut bytes, ProduceResponse::header_version(version)).ok()?;
    let answer = ProduceResponse::decode(&mut bytes, version).ok()?;
    let partition = answer.responses.first()?.partition_responses.first()?;
    Some(Produced {
        code: partition.error_code,
        offset: partition.base_offset,
        throttled_ms: u64::try_from(answer.throttle_time_ms).unwrap_or_default(),
    })
}

/// What a broker said beside the error code: of the batch, else of its first bad record; `None` where it said nothing.
pub fn read_refusal(frame: &[u8], version: i16) -> Option<String> {
    let mut bytes = Bytes::copy_from_slice(frame);
    ResponseHeader::decode(&mut bytes, ProduceResponse::header_version(version)).ok()?;
    let answer = ProduceResponse::decode(&mut bytes, version).ok()?;
    let partition = answer.responses.first()?.partition_responses.first()?;
    let of_record = || partition.record_errors.iter().find_map(|one| one.batch_index_error_message.as_ref());
    partition.error_message.as_ref().or_else(of_record).map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::ProduceRequest;
    use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
    use proptest::prelude::*;

    use crate::load::light::wire::frame::{Head, write};

    proptest! {
        #[test]
        fn a_batchs_request_is_byte_for_byte_that_of_the_crate(
            version in 3..=11_i16, client in "[a-z0-9-]{0,40}", topic in "[a-z.]{1,249}", partition in 0..9_000_i32, acks in -1..2_i16,
            correlation: i32, timeout_ms in 0..90_000_i32, batch in proptest::collection::vec(any::<u8>(), 0..40_000), before in 0..9_usize,
        ) {
            let (topic, client) = (TopicName(StrBytes::from_string(topic)), StrBytes::from_string(client));
            let to = ProduceTo { topic: &topic, partition, acks, timeout_ms };
            let mut own = vec![7; before];
            let place = produce(&mut own, version, (correlation, &client), &to, batch.len());
            own.splice(place..place, batch.iter().copied());
            let data = PartitionProduceData::default().with_index(partition).with_records(Some(Bytes::from(batch)));
            let data = TopicProduceData::default().with_name(topic.clone()).with_partition_data(vec![data]);
            let body = ProduceRequest::default().with_acks(acks).with_timeout_ms(timeout_ms).with_topic_data(vec![data]);
            let mut theirs = vec![7; before];
            let head = Head { api: ApiKey::Produce, version, correlation, client };
            prop_assert!(write(&mut theirs, &head, &body));
            prop_assert!(own == theirs);
        }
    }
}
