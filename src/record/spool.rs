//! Histograms of a trial that runs, on a file as their seconds pass, and put together when it is over.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::StoreError;
use super::scratch::{FromStart, nameless};
use crate::books::{Loose, Shelf, Shelves, Sparse, Sum};
use crate::units::Latency;

/// Second, latency by its place among all, bytes of the histogram.
const HEAD: usize = 8 + 1 + 4;

/// A file that takes histograms from any thread.
#[derive(Clone, Debug)]
pub struct Spool(Arc<Mutex<Writing>>);

#[derive(Debug)]
struct Writing {
    file: BufWriter<File>,
    folder: PathBuf,
    written: u64,
    failed: Option<io::Error>,
}

impl Spool {
    /// An empty one, on a nameless file in a folder.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        let file = BufWriter::new(nameless(folder)?);
        let writing = Writing { file, folder: folder.to_owned(), written: 0, failed: None };
        Ok(Spool(Arc::new(Mutex::new(writing))))
    }

    /// Adds a histogram; several of the same second and latency are summed up in the end. Once the file system has said no, nothing more is added, and
    /// [`Self::read`] tells of it.
    pub fn put(&self, second: u64, latency: Latency, histogram: &Sparse) {
        let bytes = histogram.write();
        let place = Latency::ALL.iter().position(|one| *one == latency).unwrap_or_default();
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(&second.to_ne_bytes());
        head[8] = place as u8;
        head[9..].copy_from_slice(&(bytes.len() as u32).to_ne_bytes());
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if writing.failed.is_none() {
            let written = writing.file.write_all(&head).and_then(|()| writing.file.write_all(&bytes));
            writing.failed = written.err();
            writing.written += (HEAD + bytes.len()) as u64;
        }
    }

    /// All that was put in so far, to be read.
    pub fn read(&self) -> Result<Spooled, StoreError> {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let writing = &mut *writing;
        let failed = writing.failed.take().or_else(|| writing.file.flush().err());
        let read = match failed {
            None => writing.file.get_ref().try_clone().and_then(|file| Spooled::of(file, writing.written)),
            Some(error) => Err(error),
        };
        read.map_err(StoreError::io("keep latencies on a file in", &writing.folder))
    }
}

impl Shelves for Spool {
    fn shelf(&self, latency: Latency) -> Box<dyn Shelf> {
        Box::new(OneLatency { spool: self.clone(), latency })
    }
}

/// Of one latency, into the spool.
#[derive(Debug)]
struct OneLatency {
    spool: Spool,
    latency: Latency,
}

impl Shelf for OneLatency {
    fn put_dense(&mut self, second: u64, sum: &mut Sum) {
        self.spool.put(second, self.latency, &sum.take());
    }

    fn put_loose(&mut self, loose: &mut Loose) {
        for (second, histogram) in loose.take() {
            self.spool.put(second, self.latency, &histogram);
        }
    }
}

/// Where one histogram lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    second: u64,
    latency: Latency,
    file: u32,
    length: u32,
    at: u64,
}

/// Histograms on files. What is held is where each lies.
#[derive(Clone, Debug, Default)]
pub struct Spooled {
    files: Vec<Arc<File>>,
    /// By second and latency.
    places: Vec<Place>,
}

impl Spooled {
    fn of(file: File, length: u64) -> io::Result<Self> {
        let mut places = Vec::new();
        let mut reader = BufReader::new(FromStart::of(&file));
        let (mut head, mut at) = ([0; HEAD], 0);
        while at < length {
            reader.read_exact(&mut head)?;
            let second = u64::from_ne_bytes(*head.first_chunk().unwrap_or(&[0; 8]));
            let bytes = u32::from_ne_bytes(*head.last_chunk().unwrap_or(&[0; 4]));
            let latency = *Latency::ALL.get(usize::from(head[8])).ok_or(io::ErrorKind::InvalidData)?;
            places.push(Place { second, latency, file: 0, length: bytes, at: at + HEAD as u64 });
            io::copy(&mut reader.by_ref().take(u64::from(bytes)), &mut io::sink())?;
            at += HEAD as u64 + u64::from(bytes);
        }
        places.sort_by_key(|place| (place.second, place.latency));
        places.shrink_to_fit();
        Ok(Spooled { files: vec![Arc::new(file)], places })
    }

    /// Both together.
    #[must_use]
    pub fn and(&self, other: &Spooled) -> Self {
        let mut both = self.clone();
        let first = both.files.len() as u32;
        both.files.extend(other.files.iter().cloned());
        both.places.extend(other.places.iter().map(|place| Place { file: first + place.file, ..*place }));
        both.places.sort_by_key(|place| (place.second, place.latency));
        both
    }

    /// Absolute second, latency and its histogram, in order of time; each pair once. Or why one cannot be read.
    pub fn iter(&self) -> impl Iterator<Item = Result<(u64, Latency, Sparse), String>> + '_ {
        let mut sum = Sum::default();
        let alike = self.places.chunk_by(|a, b| (a.second, a.latency) == (b.second, b.latency));
        alike.filter_map(|places| Some((places.first()?, places))).map(move |(first, places)| {
            let histogram = if let [one] = places {
                self.read(one)?
            } else {
                for place in places {
                    sum.add(&self.read(place)?);
                }
                sum.take()
            };
            Ok((first.second, first.latency, histogram))
        })
    }

    fn read(&self, place: &Place) -> Result<Sparse, String> {
        let mut bytes = vec![0; place.length as usize];
        self.files[place.file as usize].read_exact_at(&mut bytes, place.at).map_err(|why| why.to_string())?;
        Sparse::read(&bytes).map_err(|why| why.to_string())
    }

    /// All values of one latency.
    pub fn sum(&self, latency: Latency) -> Result<Sparse, String> {
        let mut sum = Sum::default();
        for place in self.places.iter().filter(|place| place.latency == latency) {
            sum.add(&self.read(place)?);
        }
        Ok(sum.take())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::BySecond;

    #[test]
    fn what_passed_through_files_is_what_was_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let (load, group) = (Spool::create(folder.path()).unwrap(), Spool::create(folder.path()).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let onto = |spool: &Spool, latency| {
            let (mut spooled, mut kept) =
                (BySecond::growing().onto(spool.shelf(latency)), BySecond::growing());
            for message in 0..100_000_u64 {
                // Most in order, some of any second.
                let second = if message % 3 > 0 { message / 1_000 } else { message * 7_919 % 100 };
                let ns = message * message % 5_000_000;
                spooled.record(second, ns);
                kept.record(second, ns);
            }
            spooled.flush();
            assert!(spooled.is_empty());
            kept.take()
        };
        let expected = [(&load, Latency::SendDelay), (&load, Latency::Ack), (&group, Latency::Receive)]
            .map(|(spool, one)| (one, onto(spool, one)));
        let both = load.read().unwrap().and(&group.read().unwrap());
        let read: Vec<_> = both.iter().collect::<Result<_, _>>().unwrap();
        assert!(
            read.windows(2).all(|pair| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1)),
            "each pair once"
        );
        for (latency, seconds) in expected {
            let own = read.iter().filter(|(_, one, _)| *one == latency);
            assert!(own.map(|(second, _, histogram)| (second, histogram)).eq(seconds.iter()), "{latency}");
            assert_eq!(both.sum(latency).unwrap().len(), 100_000);
        }
        assert_eq!(both.sum(Latency::EndToEnd).unwrap().len(), 0);
    }

    #[test]
    fn a_disk_that_takes_no_more_is_told_of() {
        let full = File::options().read(true).write(true).open("/dev/full").unwrap();
        let writing =
            Writing { file: BufWriter::new(full), folder: "results".into(), written: 0, failed: None };
        let spool = Spool(Arc::new(Mutex::new(writing)));
        spool.put(1, Latency::Ack, &[(5, 1)].into_iter().collect());
        let told = spool.read().unwrap_err().to_string();
        assert!(told.contains("results") && told.contains("No space left"), "{told}");
    }
}
