//! Who stands beside whom: of each level every hue has a lane, its dots on one side and their middle on the other, so that neither covers the other.

/// Half of a dot, and of the bar of a middle, where there is room.
const DOT: f64 = 3.2;
const BAR: f64 = 4.5;
/// Between two lanes, between dots and their middle, and between two dots.
const BETWEEN: f64 = 3.0;
const BESIDE: f64 = 2.0;
const APART: f64 = 1.0;
/// The part of the way to the next level that dots of one may take: what lies further off looks as if it were of none.
const OWN: f64 = 0.65;

/// The part of a level that one hue has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lane {
    /// Half of a dot.
    pub dot: f64,
    /// Half of the bar of its middle.
    pub bar: f64,
    /// Where its middle stands, from where the level is.
    pub middle: f64,
    /// Where its dots stand, and how far apart the first and the last of those that are beside one another may be.
    dots: (f64, f64),
}

impl Lane {
    /// Where there are no dots: its middle stands at its level.
    pub const ALONE: Self = Lane { dot: DOT, bar: 8.0, middle: 0.0, dots: (0.0, 0.0) };

    /// One of so many lanes that share a level's room; so many of its dots stand beside one another at most.
    pub fn of(room: f64, (at, lanes): (usize, usize), beside: usize) -> Self {
        let lanes = lanes.max(1) as f64;
        let further = beside.saturating_sub(1) as f64;
        let wanted = further * (2.0 * DOT + APART) + 2.0 * DOT + BESIDE + 2.0 * BAR;
        let wide = (room / lanes).min(wanted + BETWEEN);
        let own = (wide - BETWEEN).max(wide / 2.0);
        let part = (own / wanted).min(1.0);
        let dot = (DOT * part).max((wide / 6.0).clamp(1.2, 2.4));
        let bar = (BAR * part).max(1.5);
        let left = own - 2.0 * bar - BESIDE - 2.0 * dot;
        let dots = left.clamp(0.0, further * (2.0 * dot + APART));
        let all = dots + 2.0 * dot + BESIDE + 2.0 * bar;
        let begin = (at as f64 - (lanes - 1.0) / 2.0) * wide - all / 2.0;
        Lane { dot, bar, middle: begin + all - bar, dots: (begin + dot + dots / 2.0, dots) }
    }

    /// How far each of these dots, which lie so far along, stands from where the level is: those that would cover one another stand beside one another.
    pub fn offsets(&self, places: &[f64]) -> Vec<f64> {
        let (middle, room) = self.dots;
        let columns = columns(places, 2.0 * self.dot + APART);
        let off = |(own, of): (usize, usize)| {
            let further = of.saturating_sub(1) as f64;
            let apart = (room / further.max(1.0)).min(2.0 * self.dot + APART);
            middle + (own as f64 - further / 2.0) * apart
        };
        columns.into_iter().map(off).collect()
    }
}

/// So many of these stand beside one another at most.
pub fn beside(places: &[f64]) -> usize {
    columns(places, 2.0 * DOT + APART).into_iter().map(|(_, of)| of).max().unwrap_or_default()
}

/// A column for each, such that none of one column lies nearer to another of it; and how many columns there are where it is. Of those that lie at one place the
/// earlier is on the left.
fn columns(places: &[f64], near: f64) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|one, other| places[*one].total_cmp(&places[*other]));
    let mut columns = vec![(0, 0); places.len()];
    let mut last: Vec<f64> = Vec::new();
    let mut group: Vec<usize> = Vec::new();
    for at in order {
        let place = places[at];
        if last.iter().all(|before| place - before >= near) {
            group.drain(..).for_each(|one: usize| columns[one].1 = last.len());
            last.clear();
        }
        let free = last.iter().position(|before| place - before >= near).unwrap_or(last.len());
        if free == last.len() {
            last.push(place);
        } else {
            last[free] = place;
        }
        columns[at].0 = free;
        group.push(at);
    }
    for one in group {
        columns[one].1 = last.len();
    }
    columns
}

/// The room that each level has: as far as its nearest neighbour is, and to both sides as far as the nearer end.
pub fn room(levels: impl Iterator<Item = f64>, (left, right): (f64, f64)) -> f64 {
    let mut levels: Vec<f64> = levels.collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|one, other| (*one - *other).abs() < 0.5);
    // What is of one level stands nearer to it than to the next.
    let between = levels.windows(2).map(|pair| (pair[1] - pair[0]) * OWN);
    let ends = levels.iter().map(|at| 2.0 * (at - left).min(right - at));
    between.chain(ends).fold(f64::INFINITY, f64::min).clamp(6.0, right - left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_that_lie_apart_stand_below_one_another_and_tied_ones_beside_one_another() {
        assert_eq!(columns(&[10.0, 40.0, 80.0], 7.0), [(0, 1), (0, 1), (0, 1)]);
        assert_eq!(columns(&[10.0, 10.0, 10.0, 40.0], 7.0), [(0, 3), (1, 3), (2, 3), (0, 1)]);
        assert_eq!(columns(&[20.0, 10.0, 15.0], 7.0), [(0, 2), (0, 2), (1, 2)], "a chain of two columns");
    }

    #[test]
    fn no_dot_covers_another_nor_its_middle_nor_the_next_lane() {
        let tied = [100.0, 100.0, 100.0];
        for (room, lanes) in [(500.0, 1), (120.0, 3), (44.0, 1), (90.0, 2)] {
            let mut end = f64::NEG_INFINITY;
            for at in 0..lanes {
                let lane = Lane::of(room, (at, lanes), beside(&tied));
                for off in lane.offsets(&tied) {
                    assert!(off - lane.dot > end, "{room} {lanes} {lane:?}");
                    end = off + lane.dot;
                }
                assert!(lane.middle - lane.bar > end, "{room} {lanes} {lane:?}");
                end = lane.middle + lane.bar;
            }
            assert!(end < room / 2.0, "{room} {lanes}: {end}");
        }
    }

    #[test]
    fn where_there_is_little_room_middles_are_still_free_and_levels_keep_to_themselves() {
        let tied = [100.0; 5];
        for (room, lanes) in [(30.0, 2), (60.0, 4), (24.0, 1), (40.0, 5)] {
            for at in 0..lanes {
                let lane = Lane::of(room, (at, lanes), beside(&tied));
                let last = lane.offsets(&tied).into_iter().fold(f64::NEG_INFINITY, f64::max);
                assert!(last + lane.dot < lane.middle - lane.bar, "{room} {lanes} {lane:?}");
                assert!(lane.middle + lane.bar <= room / 2.0 + 1.0, "{room} {lanes} {lane:?}");
            }
        }
    }

    #[test]
    fn levels_have_as_much_room_as_the_nearest_two_leave() {
        let close = |one: f64, other: f64| assert!((one - other).abs() < 1e-9, "{one} {other}");
        close(room([100.0, 130.0, 400.0].into_iter(), (60.0, 648.0)), 19.5);
        close(room([300.0].into_iter(), (60.0, 648.0)), 480.0);
        close(room([75.0, 300.0].into_iter(), (60.0, 648.0)), 30.0);
    }
}
