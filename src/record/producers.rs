//! `producers.csv`: what each producer did, where there is more than one.

use serde::{Deserialize, Serialize};

/// One producer of a trial.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProducerRow {
    /// Its number, as in every message that it sent.
    pub producer: u32,
    /// Its `client.id`.
    pub client_id: String,
    /// Messages whose time came, whole trial.
    pub due: u64,
    /// Taken by its queue.
    pub sent: u64,
    /// Never taken.
    pub refused: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Failed after they were sent.
    pub failed: u64,
    /// Neither acked nor failed when the trial ended.
    pub in_flight: u64,
    /// Messages that were due in the window; empty where it was cut short.
    pub due_in_window: Option<u64>,
    /// Messages acked in the window; empty where it was cut short.
    pub acked_in_window: Option<u64>,
}

/// The file's text.
pub fn write_producers(rows: &[ProducerRow]) -> Result<Vec<u8>, String> {
    super::rows::write_rows(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::rows::ReadRows;

    #[test]
    fn producers_are_read_back_and_an_unknown_window_stays_unknown() {
        let rows = vec![
            ProducerRow {
                client_id: "bench-a-0".to_owned(),
                due_in_window: Some(0),
                ..ProducerRow::default()
            },
            ProducerRow { producer: 1, client_id: "bench-a-1".to_owned(), ..ProducerRow::default() },
        ];
        let text = write_producers(&rows).unwrap();
        let read: Result<Vec<ProducerRow>, String> = ReadRows::of(&*text).unwrap().collect();
        assert_eq!(read.unwrap(), rows);
    }
}
