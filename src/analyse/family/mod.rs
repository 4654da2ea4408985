//! All comparisons of treatments that a report tells: those of its answer, of what is the cheapest, and of what beats one thread. They share one error, over
//! every look at the run: whoever reads ten sentences is misled by any of them in no more cases than by one.

mod count;
mod leading;
mod share;
#[cfg(test)]
mod tests;

pub use count::compared;
pub use leading::{Main, main, of_row};
pub use share::{Share, percent};
