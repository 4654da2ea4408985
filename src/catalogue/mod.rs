//! Instance types, their prices, and the rules of CPU credits. Data and arithmetic: nothing is measured or written here.
//!
//! `types.csv` is compiled in. Its vCPUs, memory and bandwidths are those of EC2's DescribeInstanceTypes as moto 5.2.5 ships them; credits are those of
//! the EC2 user guide (snapshot e3707c43 of 2023-06-15); each price has its date and source in its row.

mod account;
mod credits;
mod derived;
mod table;

pub use account::{Account, RAMP};
pub use credits::{Credits, Rules};
pub use derived::Derived;
pub use table::{find, nearest_fixed, types};
