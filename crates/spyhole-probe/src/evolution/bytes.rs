//! Numbers as bytes, least significant first, with a tag at the start and a checksum at the end.

/// Builds what [`Reader`] reads.
#[derive(Debug)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new(tag: u8) -> Self {
        Self(vec![tag])
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }

    /// Bytes with their length in front.
    pub(super) fn block(&mut self, bytes: &[u8]) {
        self.u32(bytes.len());
        self.raw(bytes);
    }

    /// A count or a number that fits; what does not fit is written as the largest that does.
    pub(super) fn u32(&mut self, number: usize) {
        self.raw(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let sum = checksum(&self.0);
        self.raw(&sum.to_le_bytes());
        self.0
    }
}

/// Reads bytes; `None` as soon as something is missing or not as it was written.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The tag, and what follows it.
    pub(super) fn open(bytes: &'a [u8]) -> Option<(u8, Self)> {
        let (content, sum) = bytes.split_last_chunk::<4>()?;
        let (&tag, content) =
            content.split_first().filter(|_| u32::from_le_bytes(*sum) == checksum(content))?;
        Some((tag, Self(content)))
    }

    /// What follows the expected tag.
    pub(super) fn expect(bytes: &'a [u8], tag: u8) -> Option<Self> {
        Self::open(bytes).filter(|(got, _)| *got == tag).map(|(_, reader)| reader)
    }

    pub(super) fn raw(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.raw(N)?.try_into().ok()
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn count(&mut self) -> Option<usize> {
        self.u32()?.try_into().ok()
    }

    pub(super) fn block(&mut self) -> Option<&'a [u8]> {
        let count = self.count()?;
        self.raw(count)
    }

    /// Nothing may be left over.
    pub(super) fn end<T>(self, read: T) -> Option<T> {
        self.0.is_empty().then_some(read)
    }
}

/// FNV-1a, 32 bits (Fowler, Noll and Vo).
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, &byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
