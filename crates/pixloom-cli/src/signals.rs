//! Ctrl-C and termination: first finish what is in hand, then stop at once.
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
