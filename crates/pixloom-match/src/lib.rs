//! Finds out whether two pictures show the same: hashes, key points, indexes, verification;
//! knows neither files nor threads.
