//! Turns text into exact shapes: fonts, shaping, layout, outlines, coverage; knows neither
//! pictures' files nor threads.
