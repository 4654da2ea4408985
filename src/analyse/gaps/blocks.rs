//! Trials that stand side by side: those of two treatments in one block.

/// Of each block that both have a value of: the block, the value here, and the value there. In the order of those here.
pub fn in_both<'a, T: Copy>(
    here: &'a [(u32, T)],
    there: &'a [(u32, T)],
) -> impl Iterator<Item = (u32, T, T)> + 'a {
    here.iter().filter_map(|(block, value)| {
        let twin = there.iter().find(|(of, _)| of == block)?;
        Some((*block, *value, twin.1))
    })
}
