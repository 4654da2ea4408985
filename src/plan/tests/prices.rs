//! The prices that a plan takes of the catalogue.

use crate::plan::planned;

#[test]
fn surplus_credits_are_dated_by_who_says_their_price_and_not_as_the_rent_is() {
    let plan = planned(
        "question: q\nworkload: {rate: 10/s}\nconsumers: {instance_type: t3.micro}\nrepetitions: 1\n",
    );
    let (rent, surplus) = (&plan.prices.instances["t3.micro"], &plan.prices.surplus["t3.micro"]);
    assert!(rent.date.starts_with("2026") && !rent.source.contains("surplus"), "{rent:?}");
    assert!(surplus.date.starts_with("2023") && surplus.source != rent.source, "{surplus:?}");
    assert!(!surplus.source.contains(&rent.source), "{surplus:?}");
}
