use super::*;

fn read(text: &str) -> Trace {
    Trace::read("t.csv", text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"))
}

/// Rates at the starts of the first rows, and these starts, rounded.
fn rows(text: &str) -> Vec<(f64, f64)> {
    let trace = read(text);
    trace.steps.rows().collect()
}

/// All that is wrong: `line:column what (hint)`.
fn wrong(text: &str) -> Vec<String> {
    let told = |one: NoTrace| {
        let place = one.place.map_or(String::new(), |(line, column)| format!("{line}:{column} "));
        format!("{place}{} ({})", one.what, one.hint)
    };
    Trace::read("t.csv", text)
        .map(|trace| panic!("{text} is read as {trace:?}"))
        .unwrap_err()
        .into_iter()
        .map(told)
        .collect()
}

#[test]
fn a_row_holds_until_the_next_ones_second() {
    let trace = read("second,msgs_per_s\n0,100\n2,0\n5,400\n");
    assert_eq!(
        [0.0, 1.9, 2.0, 4.9, 5.0, 60.0].map(|second| trace.rate_at(second) as u32),
        [100, 100, 0, 0, 400, 400]
    );
    assert!((trace.integral(6.0) - 600.0).abs() < 1e-9);
}

#[test]
fn what_is_certain_is_read_whatever_its_dress() {
    let plain = rows("second,msgs_per_s\n0,1200\n1.5,900\n");
    assert_eq!(plain, [(0.0, 1200.0), (1.5, 900.0)]);
    for text in [
        "0,1200\n1.5,900",
        "\u{feff}second,msgs_per_s\r\n0,1200\r\n1.5,900\r\n",
        "second;msgs_per_s\n0;1200\n1,5;900\n",
        "second\tmsgs_per_s\n0\t1200\n1.5\t900\n",
        "second|msgs_per_s\n0|1200\n1.5|900\n",
        "sep=;\nsecond;msgs_per_s\n0;1200\n1.5;900\n",
        "0;1200\r1,5;900\r",
        "SECOND,Msgs_Per_S\n0,1200\n1.5,900\n",
        "\"Second\" , \"Msgs per s\"\n".replace(" , ", ",").as_str(),
        "day,msgs_per_s,second,,\nmo,1200,0,,\nmo,900,1.5\n",
        "0;1200;\r# x\r1,5;900\r",
        "note,second,msgs_per_s\n#1,0,1200\n# by hand\n#2,1.5,900\n",
        "second,msgs_per_s,note\n0,1200,\"5\"\" of\nrain\"\n1.5,900,6\" b\n",
        "# made by hand\n\nsecond,msgs_per_s\n# first\n0,1200\n   \n,\n  # \"second\n1.5,900\n,,\n",
        "second, msgs_per_s\n 0, 1200\n 1.5, 900 \n",
        "second,msgs_per_s\n0,\"1,200\"\n1.5,900\n",
        "second;msgs_per_s\n0;1.200\n1,5;900\n",
        "second;msgs_per_s\n0;1 200\n1,5;900,0\n",
        "second,msgs_per_s\n0,1'200\n1.5,9e2\n",
        "second,msgs_per_s\n0,1_200\n1.5,+900.000\n",
    ] {
        let text =
            if text.starts_with("\"Second\"") { format!("{text}0,1200\n1.5,900\n") } else { text.to_owned() };
        assert_eq!(rows(&text), plain, "{text}");
    }
}

#[test]
fn the_first_rows_time_is_second_0_of_any_clock_but_seconds() {
    for (clock, text) in [
        (Clock::EpochSeconds, "1795766400,5\n1795766401.25,9\n"),
        (Clock::EpochMillis, "second,msgs_per_s\n1795766400000,5\n1795766401250,9\n"),
        (Clock::EpochMicros, "1795766400000000,5\n1795766401250000,9\n"),
        (Clock::EpochNanos, "1795766400000000000,5\n1795766401250000000,9\n"),
        (Clock::Zoned, "second,msgs_per_s\n2026-11-27T08:00:00Z,5\n2026-11-27T09:00:01.25+01:00,9\n"),
        (Clock::Unzoned, "2026-11-27 08:00:00;5\n2026-11-27 08:00:01,25;9\n"),
    ] {
        let trace = read(text);
        assert_eq!(
            (trace.clock, trace.steps.rows().collect::<Vec<_>>()),
            (clock, vec![(0.0, 5.0), (1.25, 9.0)]),
            "{text}"
        );
    }
    assert_eq!(rows("10,5\n12,9\n"), [(10.0, 5.0), (12.0, 9.0)]);
}

#[test]
fn what_could_mean_two_things_is_told_with_its_cell_and_how_to_write_it() {
    for (text, told) in [
        (
            "second,msgs_per_s\n0,\"1,200\"\n",
            "2:3 `1,200` could be 1200 or 1.2, and no other number of the file tells (write `1200`, or `1.2`)",
        ),
        (
            "0;1.234\n",
            "1:3 `1.234` could be 1234 or 1.234, and no other number of the file tells (write `1234`, or `1.2340`)",
        ),
        (
            "0\t1,000\n",
            "1:3 `1,000` could be 1000 or 1, and no other number of the file tells (write `1000`, or `1`)",
        ),
        (
            "second,msgs_per_s\n0,900\n1,1,200\n",
            "3:5 3 cells, where the first line has 2 (write a number of thousands without its comma: `1200`)",
        ),
        (
            "second,msgs_per_s,errors\n0,1,200,\n5,900,3\n",
            "2:9 4 cells, where the first line has 3 (write a number of thousands without its comma, `1200`, and no comma at the end of a row)",
        ),
        (
            "second,msgs_per_s,errors,\n0,100,3,\n5,1,200,3,\n",
            "3:9 5 cells, where the first line has 3 (write a number of thousands without its comma: `1200`)",
        ),
        (
            "second,msgs_per_s,note\n0,100,\"5 inch\n5,200,b\n",
            "2:7 a `\"` begins here, and its row ends before it is closed (close it, or leave it out: the rows after it are taken for a part of its cell)",
        ),
        (
            "second,msgs_per_s\n0,100\n# a,\"b\n5,200\n9,\"300\"\n",
            "3:5 a `\"` begins here, and its row ends before it is closed (close it, or leave it out: the rows after it are taken for a part of its cell)",
        ),
        (
            "0,1,200\n1,1,300\n",
            "1:5 3 cells, and no headings to tell them apart (write `1200` without a comma; where there are more columns, name them: `second,msgs_per_s,…`)",
        ),
        (
            "0;1,5\n1;2.5\n",
            "2:3 `1,5` and `2.5` cannot both be right: one has `.` before its fraction, the other `,` (write `1200.5`, without anything between thousands)",
        ),
    ] {
        assert_eq!(wrong(text), [told], "{text}");
    }
    // Where commas part the cells they are in no number, and `.` begins fractions.
    assert_eq!(rows("0,1.250\n1,523.125\n"), [(0.0, 1.25), (1.0, 523.125)]);
}

#[test]
fn what_is_no_trace_is_told_with_its_cell() {
    let rate = |text: &str, hint: &str| {
        format!("2:3 `{text}` under `msgs_per_s` is not a number of 0 or more ({hint})")
    };
    for (cell, told) in [
        ("many", rate("many", "write digits: `1200`, `0.5`")),
        ("", rate("", "write `0` where nothing was sent; without the line the rate before it holds on")),
        ("-1", rate("-1", "write digits: `1200`, `0.5`")),
        ("NaN", rate("NaN", "write digits: `1200`, `0.5`")),
        ("1.2k", rate("1.2k", "write `1200`")),
        ("20k/s", rate("20k/s", "write `20000`")),
        ("\"1\n2\"", rate("1␣2", "write digits: `1200`, `0.5`")),
    ] {
        assert_eq!(wrong(&format!("second,msgs_per_s\n0,{cell}\n1,5\n")), [told], "{cell}");
    }
    for (text, told) in [
        ("", "it has no rows ("),
        ("second,msgs_per_s\n", "it has no rows ("),
        (
            "time,rate\n0,1\n",
            "1:1 the columns `second` and `msgs_per_s` were expected, found `time`, `rate` (",
        ),
        ("\n秒,消息\n0,1\n", "2:1 the columns `second` and `msgs_per_s` were expected, found `秒`, `消息` ("),
        ("second,Second,msgs_per_s\n0,1,2\n", "1:8 a second column `Second` ("),
        ("0 100\n", "1:1 a time and a rate were expected, found `0 100` alone ("),
        ("second,msgs_per_s,x\n0,1\n", "2:1 2 cells, where the first line has 3 ("),
        (
            "0,1\r\n\r\n# x\r\n0,2\r\n",
            "4:1 `0` under `second` does not come after the row before (keep one row of each time)",
        ),
        ("5,1\n3,2\n", "2:1 `3` under `second` does not come after the row before (sort the rows"),
        ("-1,1\n", "1:1 `-1` under `second` is no time ("),
        ("5s,1\n", "1:1 `5s` under `second` is no time (write `5`)"),
        ("08:00,1\n", "1:1 `08:00` under `second` is no time ("),
        ("20261127080000,1\n", "1:1 `20261127080000` under `second` is no time ("),
        ("0,1\n2026-11-27,2\n", "2:1 `2026-11-27` under `second` is not a number of 0 or more ("),
        (
            "1795766400,1\n1795766401000,2\n",
            "2:1 `1795766401000` under `second` is not epoch seconds, as the first row is (",
        ),
        (
            "2026-11-27T08:00:00Z,1\n2026-11-27T09:00:00,2\n",
            "2:1 `2026-11-27T09:00:00` under `second` is not ISO 8601, as",
        ),
    ] {
        let all = wrong(text);
        assert!(all.len() == 1 && all[0].starts_with(told), "{text}: {all:?}");
    }
}

#[test]
fn all_cells_are_told_up_to_a_handful() {
    let all = wrong(&"0,x\n".repeat(100_000));
    assert_eq!((all.len(), &all[1][..8]), (MOST_TOLD, "2:3 `x` "));
    assert!(all[4].contains("; 99995 more are wrong after it"), "{all:?}");
}

#[test]
fn a_window_of_a_trace_is_played_faster_and_at_other_rates() {
    let trace = read("0,100\n60,200\n120,50\n").played(Playing { from_s: 70.0, scale: 3.0, speed: 10.0 });
    assert_eq!(trace.steps.rows().collect::<Vec<_>>(), [(0.0, 600.0), (5.0, 150.0)]);
    assert_eq!(
        (trace.rate_at(4.9) as u32, trace.integral(6.0) as u32, trace.ends_s() as u32),
        (600, 3150, 5)
    );
    let from_a_row = read("0,100\n60,200\n").played(Playing { from_s: 60.0, ..Playing::AS_IT_IS });
    assert_eq!(from_a_row.steps.rows().collect::<Vec<_>>(), [(0.0, 200.0)]);
    // Before its first row nothing is sent, played or not.
    let late = read("10,100\n").played(Playing { from_s: 4.0, scale: 1.0, speed: 2.0 });
    assert_eq!((late.rate_at(2.9) as u32, late.rate_at(3.0) as u32), (0, 100));
    assert_eq!(
        trace.to_string(),
        "t.csv: 3 rows from second 0 to 120; played from its second 70, rates × 3, 10 times as fast"
    );
    let epoch = read("1795766400000,5\n1795766401250,9\n").to_string();
    assert_eq!(epoch, "t.csv: 2 rows over 1.25s, its second 0 is 1795766400000 (epoch milliseconds)");
}
