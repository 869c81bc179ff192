//! Frames: a length, a CRC-32 over length and record, the record. A damaged one is told from the end of what was written.

/// Length and CRC, both little-endian.
const HEAD_BYTES: usize = 8;
/// More than the longest click takes.
pub(super) const RECORD_BYTES_MAX: usize = 8 * 1024;

/// Appends a frame around what `record` writes.
pub(super) fn push(out: &mut Vec<u8>, record: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD_BYTES]);
    record(out);
    let length = u32::try_from(out.len() - start - HEAD_BYTES).unwrap_or(u32::MAX).to_le_bytes();
    let sum = checksum(length, &out[start + HEAD_BYTES..]).to_le_bytes();
    out[start..start + 4].copy_from_slice(&length);
    out[start + 4..start + HEAD_BYTES].copy_from_slice(&sum);
}

fn checksum(length: [u8; 4], record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(record);
    hasher.finalize()
}

/// What lies at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    Whole {
        record: &'a [u8],
        bytes: usize,
    },
    /// Its CRC is wrong, and a whole frame follows: only this record is lost.
    Damaged {
        bytes: usize,
    },
    /// The bytes end within it.
    Cut,
    /// Nothing after this place can be read.
    Garbage,
}

/// Reads the frame at the beginning of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Frame<'_> {
    match one(bytes) {
        Frame::Damaged { bytes: length } => match one(&bytes[length..]) {
            Frame::Whole { .. } => Frame::Damaged { bytes: length },
            _ => Frame::Garbage,
        },
        frame => frame,
    }
}

fn one(bytes: &[u8]) -> Frame<'_> {
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD_BYTES>() else { return Frame::Cut };
    let (length, sum) = head.split_at(4);
    let (length, sum) = (word(length), word(sum));
    let Ok(record_bytes) = usize::try_from(u32::from_le_bytes(length)) else { return Frame::Garbage };
    // A run of zeros, as a file system may leave it after a power cut, is no empty record.
    if record_bytes == 0 || record_bytes > RECORD_BYTES_MAX {
        return Frame::Garbage;
    }
    let Some(record) = rest.get(..record_bytes) else { return Frame::Cut };
    let bytes = HEAD_BYTES + record_bytes;
    if checksum(length, record) == u32::from_le_bytes(sum) {
        Frame::Whole { record, bytes }
    } else {
        Frame::Damaged { bytes }
    }
}

fn word(bytes: &[u8]) -> [u8; 4] {
    bytes.try_into().unwrap_or_default()
}

/// How far frames can be read from the beginning of a segment's records, and how many were damaged on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    pub(super) bytes: usize,
    pub(super) damaged: usize,
}

/// Scans `bytes` to the first place that can't be read.
pub(super) fn scan(bytes: &[u8]) -> Scanned {
    let mut scanned = Scanned::default();
    loop {
        match read(&bytes[scanned.bytes..]) {
            Frame::Whole { bytes, .. } => scanned.bytes += bytes,
            Frame::Damaged { bytes } => {
                scanned.bytes += bytes;
                scanned.damaged += 1;
            }
            Frame::Cut | Frame::Garbage => return scanned,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn journal(records: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for record in records {
            push(&mut bytes, |out| out.extend_from_slice(record));
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    fn records() -> impl Strategy<Value = Vec<Vec<u8>>> {
        proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..60), 1..12)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_prefix_recovers_to_whole_records(records in records(), cut in any::<prop::sample::Index>()) {
            let (bytes, ends) = journal(&records);
            let cut = cut.index(bytes.len() + 1);
            let whole = ends.iter().copied().filter(|end| *end <= cut).max().unwrap_or(0);
            prop_assert_eq!(scan(&bytes[..cut]), Scanned { bytes: whole, damaged: 0 });
        }

        #[test]
        fn a_flipped_bit_is_found_and_never_read_as_a_record(
            records in records(),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let (mut bytes, ends) = journal(&records);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let hit = ends.iter().position(|end| at < *end).unwrap();
            let before = if hit == 0 { 0 } else { ends[hit - 1] };
            let scanned = scan(&bytes);
            prop_assert!(scanned.bytes >= before);
            prop_assert!(scanned.bytes == before || scanned.damaged > 0, "{scanned:?}");
        }

        #[test]
        fn garbage_does_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let scanned = scan(&bytes);
            prop_assert!(scanned.bytes <= bytes.len());
        }
    }

    #[test]
    fn zeros_are_garbage_and_one_damaged_record_costs_only_itself() {
        assert_eq!(scan(&[0; 64]), Scanned::default());
        let (mut bytes, ends) = journal(&[b"one".to_vec(), b"two".to_vec(), b"three".to_vec()]);
        let end = bytes.len();
        bytes[ends[0] + 9] ^= 1;
        assert_eq!(scan(&bytes), Scanned { bytes: end, damaged: 1 });
    }
}
