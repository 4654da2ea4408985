//! Whole numbers in as few bytes as each needs: LEB128 of at most nine bytes. Each has seven bits, the lowest first, and an eighth that says that more follow;
//! the ninth has eight.

/// Puts a number behind what is there.
#[inline]
pub fn put(mut number: u64, into: &mut Vec<u8>) {
    for _ in 0..8 {
        if number < 0x80 {
            break;
        }
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

/// The first number, and what is behind it; none where it is cut.
#[inline]
pub fn take(bytes: &[u8]) -> Option<(u64, &[u8])> {
    match bytes.split_first()? {
        (first, rest) if *first < 0x80 => Some((u64::from(*first), rest)),
        _ => take_long(bytes),
    }
}

fn take_long(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        if at == 8 || *byte < 0x80 {
            return Some((number | u64::from(*byte) << (7 * at), &bytes[at + 1..]));
        }
        number |= u64::from(byte & 0x7f) << (7 * at);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_of_any_size_is_taken_as_it_was_put_and_none_where_it_is_cut(all in any::<u64>(), bits in 0..64_u32) {
            let (number, mut bytes) = (all >> bits, Vec::new());
            put(number, &mut bytes);
            let length = bytes.len();
            prop_assert!(length <= 9);
            prop_assert_eq!(take(&bytes[..length - 1]), None);
            bytes.push(7);
            prop_assert_eq!(take(&bytes), Some((number, &[7][..])));
        }
    }
}
