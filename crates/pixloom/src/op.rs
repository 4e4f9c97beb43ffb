//! Operations: one image in, one image out.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::geometry::Geometry;
use pixloom_image::{Exec, Image, ImageError, PixelFormat, Serial, Size};
use schemars::{Schema, schema_for};
use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned};
use serde_json::{Map, Value};

pub use pixloom_image::resize::Window;

use crate::params::{self, ParamError, Params};

/// A pure transformation of one image, in four steps: *draw* the random parameters, say how
/// *shape* and *geometry* change, then *apply* it to the pixels.
///
/// What was drawn is recorded in the manifest, so that every output can be replayed, and a
/// low-quality partner can follow its high-quality picture at its own scale.
pub trait Op: Params {
    /// The name on the command line, in recipes and in Python. Never reused.
    const NAME: &'static str;
    /// Raised whenever the same settings give different pixels; part of every fingerprint.
    const VERSION: u32 = 1;
    /// Two examples of pipeline text at most, shown by `pixloom ops NAME`.
    const EXAMPLES: &'static [&'static str];

    /// What was drawn for one item, in units relative to the picture. `()` if nothing is.
    type Drawn: Serialize + DeserializeOwned + Send + Sync;

    /// Draws the random parameters. A pure function of the settings and `seed`.
    fn draw(&self, seed: Seed) -> Self::Drawn;

    /// The size of the result for an input of that size.
    ///
    /// # Errors
    /// `Settings` if the operation cannot be applied to a picture of that size.
    fn shape(&self, input: Size, drawn: &Self::Drawn) -> Result<Size, ImageError> {
        let _ = drawn;
        Ok(input)
    }

    /// How positions move: from the output to the input, in pixels.
    fn geometry(&self, input: Size, drawn: &Self::Drawn) -> Geometry {
        let _ = (input, drawn);
        Geometry::Identity
    }

    /// Upper bound of the bytes that are allocated beyond the input picture, including the result.
    fn cost(&self, input: Size, format: PixelFormat, drawn: &Self::Drawn) -> Bytes {
        let output = self.shape(input, drawn).unwrap_or(input);
        Bytes(format.bytes_of(output).saturating_mul(2))
    }

    /// The smallest input that gives the same quality, if a smaller one than `input` does:
    /// lets a JPEG be decoded at reduced scale when this is the first operation.
    fn needs(&self, input: Size, drawn: &Self::Drawn) -> Option<Size> {
        let _ = (input, drawn);
        None
    }

    /// The rectangles to cut the picture into, if the operation yields several pictures.
    /// Each is then processed and saved on its own.
    fn tiles(&self, input: Size) -> Option<Vec<Tile>> {
        let _ = input;
        None
    }

    /// Transforms `image`. Depends on nothing but `self`, `image`, `drawn` and `cx.seed`.
    fn apply(&self, image: Image, drawn: &Self::Drawn, cx: &OpCx<'_>) -> Result<Image, ImageError>;
}

/// One of the pictures that an operation cuts its input into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Added to the file name, such as `_r000_c001`.
    pub suffix: String,
    /// Left edge in pixels.
    pub x: u32,
    /// Top edge in pixels.
    pub y: u32,
    /// Width and height in pixels.
    pub size: Size,
}

/// What an operation may use besides its settings and the picture.
pub struct OpCx<'a> {
    /// The size of the input at full scale. The picture itself may have been decoded smaller,
    /// but only if this operation's [`Op::needs`] allowed it.
    pub input: Size,
    /// The part of the picture that shows the input.
    pub window: Window,
    /// The size that [`Op::shape`] promised.
    pub output: Size,
    /// This operation's own seed for this item.
    pub seed: Seed,
    /// Splits work over idle workers.
    pub exec: &'a dyn Exec,
    /// Takes warnings: a kebab-case code and a sentence.
    pub note: &'a dyn Fn(&'static str, String),
}

impl OpCx<'static> {
    /// For one operation outside of a pipeline, on a whole picture that keeps its size: on the
    /// calling thread, warnings unheard.
    pub fn alone(size: Size, seed: Seed) -> Self {
        let window = Window::whole(size);
        Self { input: size, window, output: size, seed, exec: &Serial, note: &|_, _| {} }
    }
}

impl std::fmt::Debug for OpCx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpCx").field("input", &self.input).finish_non_exhaustive()
    }
}

/// A picture after an operation.
#[derive(Debug)]
pub enum Applied {
    /// The operation did its work.
    Changed(Image),
    /// The operation found that nothing is to be done: this is the picture as it came. Where no
    /// other operation changes it and nothing else is asked for, the result is the input's file,
    /// byte for byte.
    Kept(Image),
}

impl Applied {
    /// The picture, whatever was done to it.
    pub fn into_image(self) -> Image {
        match self {
            Self::Changed(image) | Self::Kept(image) => image,
        }
    }
}

/// An operation with its settings, whatever its type: drawn parameters travel as JSON.
pub trait DynOp: Send + Sync {
    /// See [`Op::NAME`].
    fn name(&self) -> &'static str;
    /// See [`Op::VERSION`].
    fn version(&self) -> u32;
    /// The settings, complete with defaults.
    fn settings(&self) -> Value;
    /// See [`Op::draw`].
    fn draw(&self, seed: Seed) -> Result<Value, ImageError>;
    /// See [`Op::shape`].
    fn shape(&self, input: Size, drawn: &Value) -> Result<Size, ImageError>;
    /// See [`Op::geometry`].
    fn geometry(&self, input: Size, drawn: &Value) -> Result<Geometry, ImageError>;
    /// See [`Op::cost`].
    fn cost(&self, input: Size, format: PixelFormat, drawn: &Value) -> Bytes;
    /// See [`Op::needs`].
    fn needs(&self, input: Size, drawn: &Value) -> Option<Size>;
    /// See [`Op::tiles`].
    fn tiles(&self, input: Size) -> Option<Vec<Tile>>;
    /// Whether [`DynOp::apply`] may say that it kept a picture as it came.
    fn may_keep(&self) -> bool {
        false
    }
    /// See [`Op::apply`].
    fn apply(&self, image: Image, drawn: &Value, cx: &OpCx<'_>) -> Result<Applied, ImageError>;
    /// The same operation from the top to the bottom, where it can be done so.
    fn by_rows(&self) -> Option<&dyn RowOp> {
        None
    }
}

/// Takes bands of a result from the top to the bottom: pictures of its whole width.
pub type TakeRows<'a> = dyn FnMut(Image) -> Result<(), ImageError> + 'a;

/// An operation that can hand its result over in bands, so that it never exists as a whole.
pub trait RowOp: Sync {
    /// Rows of the result that are handed over at a time.
    fn band_rows(&self) -> u32;
    /// Upper bound of the bytes that are allocated beyond the input picture, one band included.
    fn cost(&self, input: Size, format: PixelFormat) -> Bytes;
    /// As [`Op::apply`]: the bands together are the same picture.
    fn apply(&self, image: Image, cx: &OpCx<'_>, take: &mut TakeRows<'_>)
    -> Result<(), ImageError>;
}

impl<O: Op> DynOp for O {
    fn name(&self) -> &'static str {
        O::NAME
    }

    fn version(&self) -> u32 {
        O::VERSION
    }

    fn settings(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }

    fn draw(&self, seed: Seed) -> Result<Value, ImageError> {
        serde_json::to_value(Op::draw(self, seed)).map_err(|error| {
            ImageError::settings("cannot record what was drawn").with_source(error)
        })
    }

    fn shape(&self, input: Size, drawn: &Value) -> Result<Size, ImageError> {
        Op::shape(self, input, &read_drawn::<O>(drawn)?)
    }

    fn geometry(&self, input: Size, drawn: &Value) -> Result<Geometry, ImageError> {
        Ok(Op::geometry(self, input, &read_drawn::<O>(drawn)?))
    }

    fn cost(&self, input: Size, format: PixelFormat, drawn: &Value) -> Bytes {
        read_drawn::<O>(drawn).map_or(Bytes(0), |drawn| Op::cost(self, input, format, &drawn))
    }

    fn needs(&self, input: Size, drawn: &Value) -> Option<Size> {
        Op::needs(self, input, &read_drawn::<O>(drawn).ok()?)
    }

    fn tiles(&self, input: Size) -> Option<Vec<Tile>> {
        Op::tiles(self, input)
    }

    fn apply(&self, image: Image, drawn: &Value, cx: &OpCx<'_>) -> Result<Applied, ImageError> {
        Op::apply(self, image, &read_drawn::<O>(drawn)?, cx).map(Applied::Changed)
    }
}

fn read_drawn<O: Op>(drawn: &Value) -> Result<O::Drawn, ImageError> {
    O::Drawn::deserialize(drawn).map_err(|error| {
        ImageError::settings(format!("the recorded parameters of `{}` do not fit", O::NAME))
            .with_source(error)
    })
}

/// Builds an operation from its settings.
pub type BuildOp = fn(Map<String, Value>) -> Result<Box<dyn DynOp>, ParamError>;

/// An entry of the registry: everything that the faces need to offer an operation.
#[derive(Debug)]
pub struct OpEntry {
    /// See [`Op::NAME`].
    pub name: &'static str,
    /// See [`Op::VERSION`].
    pub version: u32,
    /// See [`Op::EXAMPLES`].
    pub examples: &'static [&'static str],
    /// Names, types, defaults, ranges and help of the settings.
    pub schema: fn() -> Schema,
    /// Builds the operation from settings.
    pub build: BuildOp,
}

impl OpEntry {
    /// The entry of `O`.
    pub const fn of<O: Op>() -> Self {
        Self {
            name: O::NAME,
            version: O::VERSION,
            examples: O::EXAMPLES,
            schema: || schema_for!(O),
            build: build::<O>,
        }
    }
}

fn build<O: Op>(settings: Map<String, Value>) -> Result<Box<dyn DynOp>, ParamError> {
    let op: O = params::from_json(settings).map_err(|error| error.of(O::NAME))?;
    Ok(Box::new(op))
}

/// Implements an operation that keeps the size, draws nothing and is one call of a kernel: name,
/// examples, the kernel's cost, and the call.
macro_rules! kernel_op {
    (
        $op:ident, $name:literal, [$($example:literal),+], $cost:path,
        |$own:ident, $image:ident, $cx:ident| $work:expr $(,)?
    ) => {
        impl $crate::params::Params for $op {}

        impl $crate::op::Op for $op {
            const NAME: &'static str = $name;
            const EXAMPLES: &'static [&'static str] = &[$($example),+];
            type Drawn = ();

            fn draw(&self, _: pixloom_engine::Seed) {}

            fn cost(
                &self,
                input: pixloom_image::Size,
                format: pixloom_image::PixelFormat,
                (): &(),
            ) -> pixloom_engine::Bytes {
                pixloom_engine::Bytes($cost(input, format))
            }

            fn apply(
                &self,
                $image: pixloom_image::Image,
                (): &(),
                $cx: &$crate::op::OpCx<'_>,
            ) -> Result<pixloom_image::Image, pixloom_image::ImageError> {
                let $own = self;
                $work
            }
        }
    };
}
pub(crate) use kernel_op;

/// Declares the modules of the operations and lists them, in the order of the documentation.
macro_rules! ops {
    ($($module:ident :: $op:ident),* $(,)?) => {
        $(mod $module; pub use $module::$op;)*
        /// Every operation, in the order of the documentation.
        pub static OPS: &[$crate::op::OpEntry] = &[$($crate::op::OpEntry::of::<$op>()),*];
    };
}
pub(crate) use ops;
