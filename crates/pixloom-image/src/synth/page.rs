pub(super) fn paint(_: &mut super::canvas::Canvas, _: u32) {}
