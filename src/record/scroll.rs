//! What is seen again and again while a trial runs, on a file as it comes: its memory does not grow with its length.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Seek as _, Write as _};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;
use super::scratch::{FromStart, nameless};

/// Values on their way to a file, one line each.
#[derive(Debug)]
pub struct Scroll<T> {
    file: BufWriter<File>,
    folder: PathBuf,
    failed: Option<io::Error>,
    kind: PhantomData<fn(T)>,
}

impl<T: Serialize> Scroll<T> {
    /// An empty one, on a nameless file in a folder.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        let file = BufWriter::new(nameless(folder)?);
        Ok(Scroll { file, folder: folder.to_owned(), failed: None, kind: PhantomData })
    }

    /// Adds a value. Once the file system has said no, nothing more is added, and [`Self::finish`] tells of it.
    pub fn push(&mut self, value: &T) {
        if self.failed.is_some() {
            return;
        }
        let written = serde_json::to_writer(&mut self.file, value).map_err(io::Error::from);
        self.failed = written.and_then(|()| self.file.write_all(b"\n")).err();
    }

    /// All that was added, to be read.
    pub fn finish(mut self) -> Result<Scrolled<T>, StoreError> {
        let failed = self.failed.take().or_else(|| self.file.flush().err());
        let file = match failed {
            None => self.file.into_inner().map_err(io::IntoInnerError::into_error),
            Some(error) => Err(error),
        };
        let file = Some(file.map_err(StoreError::io("write to a file in", &self.folder))?);
        Ok(Scrolled { file, kind: PhantomData })
    }
}

/// Values on a file, in the order in which they came.
#[derive(Debug)]
pub struct Scrolled<T> {
    file: Option<File>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Default for Scrolled<T> {
    fn default() -> Self {
        Scrolled { file: None, kind: PhantomData }
    }
}

impl<T: DeserializeOwned> Scrolled<T> {
    /// Reads them, or says why one cannot be read.
    pub fn iter(&self) -> impl Iterator<Item = Result<T, String>> + use<'_, T> {
        let lines = self.file.iter().flat_map(|file| BufReader::new(FromStart::of(file)).lines());
        lines.map(|line| {
            serde_json::from_str(&line.map_err(|why| why.to_string())?).map_err(|why| why.to_string())
        })
    }

    /// Reads them in the order of a key, equals as they came; what is held of each is its key and its place. Or says why one cannot be read.
    pub fn in_order_of<K: Ord>(
        &self,
        key: impl Fn(&T) -> K,
    ) -> Result<impl Iterator<Item = Result<T, String>>, String> {
        let mut places = Vec::new();
        if let Some(file) = &self.file {
            let (mut reader, mut line, mut at) = (BufReader::new(FromStart::of(file)), Vec::new(), 0);
            while reader.read_until(b'\n', &mut line).map_err(|why| why.to_string())? > 0 {
                places.push((key(&read(&line)?), at, line.len()));
                at += line.len() as u64;
                line.clear();
            }
        }
        places.sort_unstable();
        places.shrink_to_fit();
        // One that needs no order is read in one go.
        let mut reader = self.file.as_ref().map(|file| BufReader::new(FromStart::of(file)));
        let mut line = Vec::new();
        Ok(places.into_iter().map(move |(_, at, length)| {
            line.resize(length, 0);
            let reader = reader.as_mut().ok_or("there is no file")?;
            let here = reader.stream_position().map_err(|why| why.to_string())?;
            let read_on = reader.seek_relative(at as i64 - here as i64);
            read_on.and_then(|()| reader.read_exact(&mut line)).map_err(|why| why.to_string())?;
            read(&line)
        }))
    }
}

fn read<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_read_in_its_order_as_often_as_one_likes_and_leaves_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut scroll = Scroll::create(folder.path()).unwrap();
        (0..10_000_u64).for_each(|number| scroll.push(&(number, "x".to_owned())));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let scrolled = scroll.finish().unwrap();
        for _ in 0..2 {
            let read: Result<Vec<(u64, String)>, String> = scrolled.iter().collect();
            assert!(read.unwrap().iter().zip(0..).all(|((number, _), at)| *number == at));
        }
        assert_eq!(Scrolled::<u64>::default().iter().count(), 0);
    }

    #[test]
    fn what_came_late_is_read_in_its_place_and_equals_as_they_came() {
        let folder = tempfile::tempdir().unwrap();
        let mut scroll = Scroll::create(folder.path()).unwrap();
        let key = |number: u64| number * 7_919 % 1_000;
        let values: Vec<(u64, String)> =
            (0..10_000).map(|number| (number, "x".repeat(number as usize % 90))).collect();
        for value in &values {
            scroll.push(value);
        }
        let scrolled = scroll.finish().unwrap();
        let read: Result<Vec<(u64, String)>, String> =
            scrolled.in_order_of(|(number, _): &(u64, String)| key(*number)).unwrap().collect();
        let mut sorted = values;
        sorted.sort_by_key(|(number, _)| key(*number));
        assert_eq!(read.unwrap(), sorted);
        assert_eq!(Scrolled::<u64>::default().in_order_of(|number| *number).unwrap().count(), 0);
    }
}
