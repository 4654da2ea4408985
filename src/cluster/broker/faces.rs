//! What stands before the listeners of brokers.

use crate::cluster::properties::{LISTENERS, Ports};
use crate::spec::Role;

/// By role, the port that stands before each broker's own; none of a role that reaches brokers directly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faces([Vec<u16>; 3]);

impl Faces {
    /// Lets these ports stand before those of a role, one for each broker.
    pub fn put(&mut self, role: Role, ports: Vec<u16>) {
        self.0[role as usize] = ports;
    }

    /// Whether brokers have a listener for one another: else that of bench serves.
    pub(in crate::cluster) fn parts_brokers(&self) -> bool {
        !self.0[Role::Brokers as usize].is_empty()
    }

    /// Where the clients of the broker at this place are told to go.
    pub(in crate::cluster) fn of(&self, index: usize, mut ports: Ports) -> Ports {
        for role in Role::ALL {
            if let Some(port) = self.0[role as usize].get(index) {
                ports[LISTENERS[role as usize]] = *port;
            }
        }
        ports
    }
}
