//! Ctrl-C and termination: first finish what is in hand, then stop at once. Panics in items:
//! their record says what happened, so they do not disturb the moving line.
use std::panic;
use std::sync::Arc;

use pixloom::engine::Cancel;

use crate::face::Terminal;

/// Turns signals into requests to stop.
pub(crate) fn listen(cancel: &Cancel, face: &Arc<Terminal>) {
    let (cancel, face) = (cancel.clone(), Arc::clone(face));
    let handler = move || {
        cancel.request();
        face.interrupted(cancel.is_aborting());
    };
    // Without a handler a signal ends the process, which the journal survives as well.
    let _default = ctrlc::set_handler(handler);
}

/// Keeps the text of panics in the engine's threads, which become failed items, from the
/// terminal; `RUST_BACKTRACE` brings it back.
pub(crate) fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_some() {
        return;
    }
    let show = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let is_ours = pixloom::engine::on_worker_thread();
        if !is_ours {
            show(panic);
        }
    }));
}
