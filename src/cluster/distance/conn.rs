//! One connection over a distance: two sockets, and what is under way between them.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use super::card::{Card, Lane};
use super::line::{Line, Way};
use super::profile::{Draw, Profile};
use super::shared::Told;

/// What is read at once.
const PIECE: usize = 64 << 10;
/// So many pieces, and it is another connection's turn.
const AT_ONCE: u32 = 16;

/// A socket, and what the kernel last said of it.
#[derive(Debug, Default)]
pub struct End {
    pub socket: Option<TcpStream>,
    pub is_readable: bool,
    pub is_writable: bool,
}

/// What of a connection moved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moved {
    /// Bytes, by direction: to the broker, from it.
    pub bytes: [u64; 2],
    /// Others had to have their turn.
    pub has_more: bool,
    /// Both directions are over.
    pub is_over: bool,
}

/// One connection; the first end is the one that called, the first direction the one from there.
#[derive(Debug)]
pub struct Conn {
    pub ends: [End; 2],
    lines: [Line; 2],
    told_of_end: [bool; 2],
    /// The caller's port.
    pub port: u16,
    /// Which listener it came to.
    pub to: usize,
    /// When the other end is called.
    pub dial_at: Option<u64>,
    is_cut: bool,
    /// The network that it shares with others of its instance, by its number.
    pub card: Option<u64>,
    /// When it is looked at next, if nothing is heard of it.
    pub due: u64,
}

impl Conn {
    /// One that has come now: the call takes half a round trip, and nothing can be sent before its answer.
    pub fn new(socket: TcpStream, port: u16, to: usize, now: u64, profile: &Profile) -> Self {
        let round_trip = profile.round_trip_ns();
        Conn {
            ends: [End { socket: Some(socket), ..End::default() }, End::default()],
            lines: [Line::new(now + round_trip), Line::new(now)],
            told_of_end: [false; 2],
            port,
            to,
            dial_at: Some(now + round_trip / 2),
            is_cut: false,
            card: None,
            due: u64::MAX,
        }
    }

    /// Cuts it off, or heals it.
    pub fn set_cut(&mut self, is_cut: bool, now: u64, told: &Told) {
        if self.is_cut && !is_cut {
            for (line, way) in self.lines.iter_mut().zip(told.profile.ways) {
                line.heal(now, way, told.at_once);
            }
        }
        self.is_cut = is_cut;
    }

    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Moves what can be moved, through its instance's network where that has a limit.
    pub fn serve(
        &mut self,
        now: u64,
        profile: &Profile,
        buffer: &mut Buffer,
        mut card: Option<&mut Card>,
    ) -> Moved {
        let mut moved = Moved::default();
        if self.is_cut {
            for (line, end) in self.lines.iter_mut().zip(&self.ends) {
                if end.is_readable || line.wants_to_pass(now) {
                    line.lose(now);
                }
            }
            return moved;
        }
        for direction in 0..2 {
            let (way, line) = (profile.ways[direction], &mut self.lines[direction]);
            let mut lane = card.as_deref_mut().map(|card| &mut card.0[direction]);
            let [one, other] = &mut self.ends;
            let (from, to) = if direction == 0 { (one, other) } else { (other, one) };
            let mut pieces = 0;
            while read(line, from, now, (way, profile, lane.as_deref_mut()), buffer)
                | write(line, to, now, way, &mut moved.bytes[direction])
            {
                pieces += 1;
                if pieces == AT_ONCE {
                    moved.has_more = true;
                    break;
                }
            }
            if line.is_over(now) && !self.told_of_end[direction] {
                self.told_of_end[direction] = true;
                // It may be gone already.
                if let Some(socket) = &to.socket {
                    socket.shutdown(Shutdown::Write).ok();
                }
            }
        }
        moved.is_over = self.told_of_end == [true; 2];
        moved
    }

    /// When it is to be looked at although nothing is heard of it, after so much moved.
    pub fn next(&self, now: u64, moved: Moved) -> Option<u64> {
        let lines =
            self.lines.iter().zip(&self.ends).filter_map(|(line, end)| line.next(now, end.is_readable));
        let dial = self.dial_at.filter(|_| !self.is_cut).map(|at| at.max(now + 1));
        let more = moved.has_more.then_some(now + 1);
        lines.chain(dial).chain(more).min()
    }

    /// Whether the caller is gone.
    pub fn has_hung_up(&self) -> bool {
        self.told_of_end[0]
    }

    /// Nobody answers at the other end.
    pub fn refuse(&mut self, now: u64, profile: &Profile) {
        self.lines[0].drop_all(now);
        self.told_of_end[0] = true;
        self.lines[1].end(now, profile.ways[1]);
    }
}

/// Where bytes are kept between two sockets, and the draws of their delays.
#[derive(Debug)]
pub struct Buffer {
    bytes: Box<[u8]>,
    draw: Draw,
}

impl Buffer {
    pub fn new(draw: Draw) -> Self {
        Buffer { bytes: vec![0; PIECE].into_boxed_slice(), draw }
    }
}

/// Reads a piece, if there is one and it may be sent.
fn read(
    line: &mut Line,
    from: &mut End,
    now: u64,
    (way, profile, lane): (Way, &Profile, Option<&mut Lane>),
    buffer: &mut Buffer,
) -> bool {
    let room = line.room(now, way).min(lane.as_ref().map_or(PIECE, |lane| lane.piece().min(PIECE)));
    let Some(socket) = from.socket.as_mut().filter(|_| room > 0 && from.is_readable) else { return false };
    match socket.read(&mut buffer.bytes[..room]) {
        Ok(0) => {
            from.is_readable = false;
            line.end(now, way);
        }
        Ok(count) => {
            let through = lane.map_or(now, |lane| lane.put(now, count));
            line.send((now, through), &buffer.bytes[..count], way, buffer.draw.off_ns(profile));
        }
        Err(error) if error.kind() == ErrorKind::Interrupted => {}
        Err(error) => {
            from.is_readable = false;
            if error.kind() != ErrorKind::WouldBlock {
                line.end(now, way);
            }
            return false;
        }
    }
    true
}

/// Writes a piece of what has arrived, if there is one and it is taken.
fn write(line: &mut Line, to: &mut End, now: u64, way: Way, moved: &mut u64) -> bool {
    let Some(socket) = to.socket.as_mut().filter(|_| to.is_writable) else { return false };
    let arrived = line.arrived(now);
    if arrived.is_empty() {
        return false;
    }
    match socket.write(arrived) {
        Ok(count) => {
            line.take(now, count, way);
            *moved += count as u64;
        }
        Err(error) if error.kind() == ErrorKind::Interrupted => {}
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            to.is_writable = false;
            return false;
        }
        Err(_) => line.drop_all(now),
    }
    true
}
