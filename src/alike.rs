//! What is alike stands together.

/// Each key once, in the order in which they come, with all that has it. Keys are few: each is looked for among those before it.
pub fn together<Key: PartialEq, One>(all: impl IntoIterator<Item = (Key, One)>) -> Vec<(Key, Vec<One>)> {
    let mut found: Vec<(Key, Vec<One>)> = Vec::new();
    for (key, one) in all {
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, own)) => own.push(one),
            None => found.push((key, vec![one])),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_in_the_order_in_which_they_come_and_so_does_what_has_them() {
        let all = [("b", 1), ("a", 2), ("b", 0), ("c", 5), ("a", 2)];
        assert_eq!(together(all), [("b", vec![1, 0]), ("a", vec![2, 2]), ("c", vec![5])]);
        assert_eq!(together(Vec::<(u8, u8)>::new()), []);
    }
}
