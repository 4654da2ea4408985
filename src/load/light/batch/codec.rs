//! The four codecs of Kafka, as librdkafka frames them.

use std::io::{self, Write};

/// How a batch is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// Snappy, one block without a frame.
    Snappy,
    /// LZ4 frames of independent blocks.
    Lz4,
    /// Zstandard.
    Zstd,
}

impl Codec {
    /// By its name in `compression.type`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "none" => Some(Codec::None),
            "gzip" => Some(Codec::Gzip),
            "snappy" => Some(Codec::Snappy),
            "lz4" => Some(Codec::Lz4),
            "zstd" => Some(Codec::Zstd),
            _ => None,
        }
    }

    /// Its number in a batch's attributes.
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// Appends `plain`, compressed, to `out`. `level` −1 is the codec's own default.
    pub fn compress(self, plain: &[u8], level: i32, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Codec::None => out.extend_from_slice(plain),
            Codec::Gzip => {
                let level = u32::try_from(level).map_or_else(
                    |_| flate2::Compression::default(),
                    |level| flate2::Compression::new(level.min(9)),
                );
                let mut encoder = flate2::write::GzEncoder::new(out, level);
                encoder.write_all(plain)?;
                encoder.finish()?;
            }
            Codec::Snappy => {
                let start = out.len();
                out.resize(start + snap::raw::max_compress_len(plain.len()), 0);
                let length = snap::raw::Encoder::new().compress(plain, &mut out[start..])?;
                out.truncate(start + length);
            }
            Codec::Lz4 => {
                // Kafka reads independent blocks only, of up to 64 KiB as librdkafka makes them.
                let info = lz4_flex::frame::FrameInfo::new()
                    .block_mode(lz4_flex::frame::BlockMode::Independent)
                    .block_size(lz4_flex::frame::BlockSize::Max64KB);
                let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, out);
                encoder.write_all(plain)?;
                encoder.finish().map_err(io::Error::other)?;
            }
            Codec::Zstd => {
                let level = if level < 0 { zstd::DEFAULT_COMPRESSION_LEVEL } else { level };
                let start = out.len();
                out.resize(start + zstd::zstd_safe::compress_bound(plain.len()), 0);
                let length = zstd::bulk::compress_to_buffer(plain, &mut out[start..], level)?;
                out.truncate(start + length);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn decompress(codec: Codec, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        match codec {
            Codec::None => plain.extend_from_slice(bytes),
            Codec::Gzip => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap()),
            Codec::Snappy => plain = snap::raw::Decoder::new().decompress_vec(bytes).unwrap(),
            Codec::Lz4 => drop(lz4_flex::frame::FrameDecoder::new(bytes).read_to_end(&mut plain).unwrap()),
            Codec::Zstd => plain = zstd::bulk::decompress(bytes, 1 << 22).unwrap(),
        }
        plain
    }

    #[test]
    fn what_each_codec_makes_smaller_is_what_went_in() {
        let plain: Vec<u8> = (0..200_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        for name in ["none", "gzip", "snappy", "lz4", "zstd"] {
            let codec = Codec::named(name).unwrap();
            for level in [-1, 3] {
                let mut bytes = b"before".to_vec();
                codec.compress(&plain, level, &mut bytes).unwrap();
                assert_eq!(&bytes[..6], b"before");
                assert_eq!(decompress(codec, &bytes[6..]), plain, "{name}");
                assert!(codec == Codec::None || bytes.len() < plain.len(), "{name}");
            }
        }
    }
}
