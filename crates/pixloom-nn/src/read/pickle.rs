//! The part of Python's pickle that PyTorch writes tensors with. It builds values; nothing that
//! a file names is ever looked up or called.
use crate::NnError;

/// Most values of a file, and most on the stack.
const MAX_VALUES: usize = 2_000_000;

/// A value of a pickle.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Float,
    Text(String),
    /// Tuples and lists.
    List(Vec<Value>),
    /// Pairs in the order of the file.
    Dict(Vec<(Value, Value)>),
    /// A name such as `torch._utils _rebuild_tensor_v2`, never resolved.
    Name(String),
    /// What calling a name with arguments would give.
    Call(String, Vec<Value>),
    /// Something stored outside, such as a tensor's bytes.
    Outside(Vec<Value>),
}

/// Reads one pickle.
///
/// # Errors
/// `Broken` if it ends early or breaks its own rules; `Unsupported` for instructions that
/// PyTorch does not write.
pub(super) fn read(bytes: &[u8]) -> Result<Value, NnError> {
    let mut machine =
        Machine { bytes, stack: Vec::new(), marks: Vec::new(), memo: Memo::default() };
    loop {
        if machine.stack.len() > MAX_VALUES {
            return Err(NnError::limit("the pickle holds too many values"));
        }
        if machine.step()? {
            return machine.pop();
        }
    }
}

/// What was stored for later. Copies are counted, since a few bytes can ask for many.
#[derive(Default)]
struct Memo {
    values: std::collections::BTreeMap<u32, Value>,
    copied: usize,
}

struct Machine<'a> {
    bytes: &'a [u8],
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: Memo,
}

fn broken() -> NnError {
    NnError::broken("the pickle breaks its own rules")
}

impl Value {
    /// Values inside, itself included.
    fn size(&self) -> usize {
        match self {
            Self::List(list) | Self::Call(_, list) | Self::Outside(list) => {
                1 + list.iter().map(Self::size).sum::<usize>()
            }
            Self::Dict(pairs) => 1 + pairs.iter().map(|(k, v)| k.size() + v.size()).sum::<usize>(),
            Self::Text(text) | Self::Name(text) => 1 + text.len() / 64,
            _ => 1,
        }
    }
}

impl<'a> Machine<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], NnError> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(count)
            .ok_or_else(|| NnError::broken("the pickle ends too early"))?;
        self.bytes = rest;
        Ok(taken)
    }

    fn number(&mut self, bytes: usize) -> Result<u64, NnError> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    fn line(&mut self) -> Result<String, NnError> {
        let end = self.bytes.iter().position(|&byte| byte == b'\n').ok_or_else(broken)?;
        let line = self.take(end + 1)?;
        Ok(String::from_utf8_lossy(&line[..end]).into_owned())
    }

    fn text(&mut self, length_bytes: usize) -> Result<Value, NnError> {
        let length = self.number(length_bytes)?;
        let bytes = self.take(usize::try_from(length).map_err(|_too_long| broken())?)?;
        Ok(Value::Text(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn pop(&mut self) -> Result<Value, NnError> {
        self.stack.pop().ok_or_else(broken)
    }

    /// What was pushed since the last mark.
    fn since_mark(&mut self) -> Result<Vec<Value>, NnError> {
        let mark = self.marks.pop().ok_or_else(broken)?;
        if mark > self.stack.len() {
            return Err(broken());
        }
        Ok(self.stack.split_off(mark))
    }

    fn last(&mut self, count: usize) -> Result<Vec<Value>, NnError> {
        let start = self.stack.len().checked_sub(count).ok_or_else(broken)?;
        Ok(self.stack.split_off(start))
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    /// Does one instruction; true at the end.
    fn step(&mut self) -> Result<bool, NnError> {
        let code = self.take(1)?[0];
        match code {
            b'.' => return Ok(true),
            0x80 => self.take(1).map(|_version| ())?,
            0x95 => self.take(8).map(|_frame| ())?,
            b'(' => self.marks.push(self.stack.len()),
            b'0' => self.pop().map(|_dropped| ())?,
            b'N' => self.push(Value::None),
            0x88 | 0x89 => self.push(Value::Bool(code == 0x88)),
            b'}' => self.push(Value::Dict(Vec::new())),
            b')' | b']' => self.push(Value::List(Vec::new())),
            _ => return self.literal(code),
        }
        Ok(false)
    }

    fn literal(&mut self, code: u8) -> Result<bool, NnError> {
        let value = match code {
            b'K' => Value::Int(self.number(1)? as i64),
            b'M' => Value::Int(self.number(2)? as i64),
            b'J' => Value::Int(i64::from(self.number(4)? as u32 as i32)),
            0x8a => {
                let length = self.number(1)? as usize;
                let bytes = self.take(length)?;
                let number =
                    bytes.iter().take(8).rev().fold(0, |n, byte| n << 8 | i64::from(*byte));
                Value::Int(if length <= 8 { number } else { i64::MAX })
            }
            b'G' => {
                self.take(8)?;
                Value::Float
            }
            b'X' | b'B' | b'T' => self.text(4)?,
            0x8c | b'C' | b'U' => self.text(1)?,
            0x8d | 0x8e => self.text(8)?,
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                Value::Name(format!("{module} {name}"))
            }
            0x93 => {
                let parts = self.last(2)?;
                let [Value::Text(module), Value::Text(name)] = &parts[..] else {
                    return Err(broken());
                };
                Value::Name(format!("{module} {name}"))
            }
            0x85..=0x87 => Value::List(self.last(usize::from(code - 0x84))?),
            b't' | b'l' => Value::List(self.since_mark()?),
            b'd' => Value::Dict(pairs(self.since_mark()?)),
            _ => return self.change(code),
        };
        self.push(value);
        Ok(false)
    }

    fn change(&mut self, code: u8) -> Result<bool, NnError> {
        match code {
            b'q' | b'r' | 0x94 => {
                let place = match code {
                    b'q' => self.number(1)? as u32,
                    b'r' => self.number(4)? as u32,
                    _ => self.memo.values.len() as u32,
                };
                self.remember(place)?;
            }
            b'h' => self.recall(1)?,
            b'j' => self.recall(4)?,
            b'R' | 0x81 => {
                let arguments = self.pop()?;
                let Value::Name(called) = self.pop()? else { return Err(broken()) };
                let Value::List(arguments) = arguments else { return Err(broken()) };
                self.push(made(called, arguments));
            }
            b'Q' => {
                let Value::List(parts) = self.pop()? else { return Err(broken()) };
                self.push(Value::Outside(parts));
            }
            // What an object would do with its state is nothing here.
            b'b' => self.pop().map(|_state| ())?,
            b'a' | b'e' | b's' | b'u' => self.fill(code)?,
            _ => {
                return Err(NnError::unsupported(format!(
                    "the pickle uses instruction 0x{code:02x}, which tensors do not need"
                )));
            }
        }
        Ok(false)
    }

    /// Adds to the list or dictionary below.
    fn fill(&mut self, code: u8) -> Result<(), NnError> {
        let added = match code {
            b'a' => self.last(1)?,
            b's' => self.last(2)?,
            _ => self.since_mark()?,
        };
        match self.stack.last_mut().ok_or_else(broken)? {
            Value::List(list) if matches!(code, b'a' | b'e') => list.extend(added),
            Value::Dict(dict) if matches!(code, b's' | b'u') => dict.extend(pairs(added)),
            // Keys of objects that are not dictionaries do not matter.
            Value::Call(..) => {}
            _ => return Err(broken()),
        }
        Ok(())
    }

    fn remember(&mut self, place: u32) -> Result<(), NnError> {
        let value = self.stack.last().ok_or_else(broken)?;
        // A container is memorised empty, before it is filled; a full one is only small here.
        self.memo.copied += value.size();
        if self.memo.copied > MAX_VALUES {
            return Err(NnError::limit("the pickle repeats too many values"));
        }
        self.memo.values.insert(place, value.clone());
        Ok(())
    }

    fn recall(&mut self, bytes: usize) -> Result<(), NnError> {
        let place = self.number(bytes)? as u32;
        let value = self.memo.values.get(&place).ok_or_else(broken)?;
        self.memo.copied += value.size();
        if self.memo.copied > MAX_VALUES {
            return Err(NnError::limit("the pickle repeats too many values"));
        }
        let value = value.clone();
        self.push(value);
        Ok(())
    }
}

/// Ordered dictionaries are dictionaries; everything else stays a name with arguments.
fn made(called: String, arguments: Vec<Value>) -> Value {
    if called != "collections OrderedDict" {
        return Value::Call(called, arguments);
    }
    match arguments.into_iter().next() {
        Some(Value::List(list)) => {
            let both = list.into_iter().filter_map(|pair| match pair {
                Value::List(pair) => <[Value; 2]>::try_from(pair).ok().map(|[k, v]| (k, v)),
                _ => None,
            });
            Value::Dict(both.collect())
        }
        _ => Value::Dict(Vec::new()),
    }
}

fn pairs(flat: Vec<Value>) -> Vec<(Value, Value)> {
    let mut flat = flat.into_iter();
    let mut pairs = Vec::new();
    while let (Some(key), Some(value)) = (flat.next(), flat.next()) {
        pairs.push((key, value));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_values_and_calls_nothing() {
        // {"a": os.system("x")} as protocol 2 would have it.
        let bytes = b"\x80\x02}X\x01\x00\x00\x00acos\nsystem\nX\x01\x00\x00\x00x\x85Rs.";
        let Value::Dict(pairs) = read(bytes).unwrap() else { panic!("no dictionary") };
        let call = Value::Call("os system".to_owned(), vec![Value::Text("x".to_owned())]);
        assert_eq!(pairs, [(Value::Text("a".to_owned()), call)]);
    }

    #[test]
    fn broken_pickles_are_errors() {
        for bytes in
            [&b""[..], b".", b"R.", b"h\x05.", b"X\xff\xff\xff\xffab", b"t.", b"s.", b"\x87."]
        {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn doubling_bombs_are_stopped() {
        // Each round makes a pair of the last value: 2^60 values if it were not stopped.
        let mut bytes = b"\x80\x02]q\x00".to_vec();
        for _ in 0..60 {
            bytes.extend_from_slice(b"h\x00h\x00\x86q\x00");
        }
        bytes.push(b'.');
        assert!(read(&bytes).is_err());
    }
}
