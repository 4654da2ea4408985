//! The producers of a trial behind one sender, whichever their client.

use super::heavy::HeavyClients;
use super::light::LightClients;
use super::send::{Clients, Handed, Outgoing};

/// Where a producer of the pacer's numbering is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among librdkafka's, at this index.
    Heavy(usize),
    /// Among the light ones, at this index.
    Light(usize),
}

/// All producers of a trial.
#[derive(Debug)]
pub enum AllClients {
    /// librdkafka's alone.
    Heavy(HeavyClients),
    /// Light ones, and perhaps librdkafka's, with each one's place.
    Mixed(Vec<Place>, HeavyClients, LightClients),
}

impl Clients for AllClients {
    fn produce(&mut self, producer: usize, message: &mut Outgoing<'_>) -> Handed {
        match self {
            AllClients::Heavy(heavy) => heavy.produce(producer, message),
            AllClients::Mixed(places, heavy, light) => match places[producer] {
                Place::Heavy(index) => heavy.produce(index, message),
                Place::Light(index) => light.produce(index, message),
            },
        }
    }

    fn pass_on(&mut self) {
        match self {
            AllClients::Heavy(heavy) => heavy.pass_on(),
            AllClients::Mixed(_, heavy, light) => {
                heavy.pass_on();
                light.pass_on();
            }
        }
    }
}
