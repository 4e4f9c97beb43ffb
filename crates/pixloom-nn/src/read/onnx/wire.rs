//! The wire format of Protocol Buffers: numbered fields, nothing else.
use crate::NnError;

/// A field's content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Field<'a> {
    Number(u64),
    Fixed32([u8; 4]),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    pub(super) fn bytes(self) -> Result<&'a [u8], NnError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(NnError::broken("a field of the wrong type")),
        }
    }

    pub(super) fn text(self) -> Result<String, NnError> {
        Ok(String::from_utf8_lossy(self.bytes()?).into_owned())
    }

    pub(super) const fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number as i64),
            _ => None,
        }
    }

    /// One number, or a packed list of them.
    pub(super) fn numbers(self, into: &mut Vec<i64>) -> Result<(), NnError> {
        match self {
            Self::Number(number) => into.push(number as i64),
            Self::Bytes(mut bytes) => {
                while !bytes.is_empty() {
                    into.push(varint(&mut bytes)? as i64);
                }
            }
            Self::Fixed32(_) => return Err(NnError::broken("a field of the wrong type")),
        }
        Ok(())
    }

    /// One float, or a packed list of them.
    pub(super) fn floats(self, into: &mut Vec<f32>) -> Result<(), NnError> {
        match self {
            Self::Fixed32(bytes) => into.push(f32::from_le_bytes(bytes)),
            Self::Bytes(bytes) => {
                into.extend(
                    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
                );
            }
            Self::Number(_) => return Err(NnError::broken("a field of the wrong type")),
        }
        Ok(())
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64, NnError> {
    let mut number = 0_u64;
    for shift in (0..70).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or_else(truncated)?;
        *bytes = rest;
        number |= u64::from(byte & 127).checked_shl(shift).unwrap_or(0);
        if byte < 128 {
            return Ok(number);
        }
    }
    Err(NnError::broken("a number that does not end"))
}

fn truncated() -> NnError {
    NnError::broken("the file ends inside of a field")
}

fn take<'a>(bytes: &mut &'a [u8], count: u64) -> Result<&'a [u8], NnError> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let (taken, rest) = bytes.split_at_checked(count).ok_or_else(truncated)?;
    *bytes = rest;
    Ok(taken)
}

/// Calls `each` with the number and content of every field of a message.
pub(super) fn fields<'a>(
    bytes: &'a [u8],
    mut each: impl FnMut(u64, Field<'a>) -> Result<(), NnError>,
) -> Result<(), NnError> {
    raw_fields(bytes, |number, field, _| field.map_or(Ok(()), |field| each(number, field)))
}

/// As [`fields`], with the bytes of each field as they stand in the message; of those of 8 bytes,
/// which nothing needs, no content.
pub(super) fn raw_fields<'a>(
    mut bytes: &'a [u8],
    mut each: impl FnMut(u64, Option<Field<'a>>, &'a [u8]) -> Result<(), NnError>,
) -> Result<(), NnError> {
    while !bytes.is_empty() {
        let start = bytes;
        let tag = varint(&mut bytes)?;
        let field = match tag & 7 {
            0 => Some(Field::Number(varint(&mut bytes)?)),
            1 => take(&mut bytes, 8).map(|_| None)?,
            2 => {
                let length = varint(&mut bytes)?;
                Some(Field::Bytes(take(&mut bytes, length)?))
            }
            5 => {
                let fixed = take(&mut bytes, 4)?;
                Some(Field::Fixed32([fixed[0], fixed[1], fixed[2], fixed[3]]))
            }
            other => return Err(NnError::broken(format!("wire type {other}"))),
        };
        each(tag >> 3, field, &start[..start.len() - bytes.len()])?;
    }
    Ok(())
}

/// Appends a field that holds bytes.
pub(super) fn put(into: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    for mut value in [number << 3 | 2, bytes.len() as u64] {
        while value > 127 {
            into.push(value as u8 | 128);
            value >>= 7;
        }
        into.push(value as u8);
    }
    into.extend(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_fields_and_refuses_nonsense() {
        let mut seen = Vec::new();
        let message = [0x08, 0x96, 0x01, 0x12, 2, b'h', b'i'];
        fields(&message, |number, field| {
            seen.push((number, field));
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, [(1, Field::Number(150)), (2, Field::Bytes(b"hi"))]);
        for wrong in [&[0x12_u8, 9, b'h'][..], &[0x08], &[0x0b], &[0xff; 12]] {
            assert!(fields(wrong, |_, _| Ok(())).is_err(), "{wrong:?}");
        }
    }
}
