//! Chromium without a window, spoken to over two pipes: its DevTools protocol is JSON that ends with a zero byte, so nothing more is needed than what is here.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Functions of `look` that find what a person would mind.
const LOOK: &str = include_str!("look.js");

/// Whatever a page is asked, it answers by then.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the shell does: pipes are numbers 3 and 4 of the browser's, its profile goes with it, and nobody keeps its grumbling.
const START: &str = r#"profile=$(mktemp -d) && trap 'rm -rf "$profile"' EXIT
chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-extensions --hide-scrollbars \
    --force-color-profile=srgb --font-render-hinting=none --user-data-dir="$profile" --remote-debugging-pipe about:blank \
    3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

/// All tests of this process share one.
pub struct Browser {
    to: Mutex<ChildStdin>,
    next: AtomicU64,
    answers: Mutex<HashMap<u64, Sender<Value>>>,
    events: Mutex<HashMap<String, Vec<Value>>>,
    came: Condvar,
    _child: Child,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// CSS pixels.
    pub width: u32,
    /// Whether its reader prefers light letters on dark.
    pub dark: bool,
    /// Whether its script runs.
    pub script: bool,
    /// Whether it is laid out as for paper.
    pub paper: bool,
}

/// As most see it.
pub const WIDE: View = View { width: 1_400, dark: false, script: true, paper: false };

/// The browser; none where it is not installed, which is said aloud.
pub fn browser() -> Option<&'static Arc<Browser>> {
    static BROWSER: OnceLock<Option<Arc<Browser>>> = OnceLock::new();
    BROWSER.get_or_init(start).as_ref()
}

fn start() -> Option<Arc<Browser>> {
    let is_there = Command::new("sh").args(["-c", "command -v chromium"]).stdout(Stdio::null()).status();
    if !is_there.unwrap().success() {
        // Not by `eprintln!`, which a test that passes keeps for itself.
        std::io::stderr().write_all(b"skipped: no page is looked at, `chromium` is not installed\n").unwrap();
        return None;
    }
    let mut child = Command::new("sh")
        .args(["-c", START])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let browser = Arc::new(Browser {
        to: Mutex::new(to),
        next: AtomicU64::new(1),
        answers: Mutex::default(),
        events: Mutex::default(),
        came: Condvar::new(),
        _child: child,
    });
    let reader = Arc::clone(&browser);
    std::thread::spawn(move || reader.read(from));
    Some(browser)
}

impl Browser {
    fn read(&self, from: ChildStdout) {
        for message in BufReader::new(from).split(0) {
            let Ok(message) = message else { return };
            let message: Value = serde_json::from_slice(&message).unwrap();
            if let Some(id) = message["id"].as_u64() {
                if let Some(asked) = self.answers.lock().unwrap().remove(&id) {
                    asked.send(message).ok();
                }
            } else if let Some(session) = message["sessionId"].as_str() {
                self.events.lock().unwrap().entry(session.to_owned()).or_default().push(message);
                self.came.notify_all();
            }
        }
    }

    fn ask(&self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (asked, answer) = channel();
        self.answers.lock().unwrap().insert(id, asked);
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.to.lock().unwrap().write_all(&bytes).unwrap();
        let answer = answer.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no answer to {method}"));
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }

    /// A page of its own, once it has loaded.
    pub fn open(self: &Arc<Self>, file: &Path, fragment: &str, view: View) -> Page {
        let target = self.ask(None, "Target.createTarget", &json!({ "url": "about:blank" }));
        let target = target["targetId"].as_str().unwrap().to_owned();
        let attached =
            self.ask(None, "Target.attachToTarget", &json!({ "targetId": target, "flatten": true }));
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        let page = Page { browser: Arc::clone(self), target, session };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.ask(&format!("{domain}.enable"), &json!({}));
        }
        // Several pages are open at once, and each is read as if it were the only one.
        page.ask("Emulation.setFocusEmulationEnabled", &json!({ "enabled": true }));
        page.look(view);
        let url = format!("file://{}{fragment}", percent(&file.canonicalize().unwrap()));
        page.ask("Page.navigate", &json!({ "url": url }));
        page.awaited("Page.loadEventFired");
        page.find(LOOK);
        page
    }
}

/// A path as an address holds it.
fn percent(path: &Path) -> String {
    let text = path.to_str().unwrap();
    text.replace('%', "%25").replace('#', "%23").replace('?', "%3F").replace(' ', "%20")
}

/// A page that is closed when it is let go.
pub struct Page {
    browser: Arc<Browser>,
    target: String,
    session: String,
}

impl Page {
    fn ask(&self, method: &str, parameters: &Value) -> Value {
        self.browser.ask(Some(&self.session), method, parameters)
    }

    fn events(&self) -> Vec<Value> {
        self.browser.events.lock().unwrap().get(&self.session).cloned().unwrap_or_default()
    }

    fn awaited(&self, method: &str) {
        let until = Instant::now() + PATIENCE;
        let mut events = self.browser.events.lock().unwrap();
        while !events.get(&self.session).is_some_and(|of| of.iter().any(|one| one["method"] == method)) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(left > Duration::ZERO, "{method} does not come");
            events = self.browser.came.wait_timeout(events, left).unwrap().0;
        }
    }

    /// Looks at it so from now on.
    pub fn look(&self, view: View) {
        self.ask("Emulation.setScriptExecutionDisabled", &json!({ "value": !view.script }));
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": view.width, "height": 900, "deviceScaleFactor": 1, "mobile": false }),
        );
        let scheme = if view.dark { "dark" } else { "light" };
        self.ask(
            "Emulation.setEmulatedMedia",
            &json!({
                "media": if view.paper { "print" } else { "screen" },
                "features": [{ "name": "prefers-color-scheme", "value": scheme }],
            }),
        );
    }

    /// What a script finds there, also where the page's own may not run.
    pub fn find(&self, script: &str) -> Value {
        let asked = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let answer = self.ask("Runtime.evaluate", &asked);
        assert!(answer["exceptionDetails"].is_null(), "{script}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// Each line that a script finds.
    pub fn lines(&self, script: &str) -> Vec<String> {
        let found = self.find(script);
        let found = found.as_array().unwrap_or_else(|| panic!("{script}: {found}"));
        found.iter().map(|line| line.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Presses and lets go of a key.
    pub fn press(&self, key: &str, code: u32) {
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            self.ask(
                "Input.dispatchKeyEvent",
                &json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text }),
            );
        }
    }

    /// What went wrong, and what was asked for beyond the page itself.
    pub fn complaints(&self) -> Vec<String> {
        // Whatever came before an answer is there when it is.
        self.find("0");
        let told = |event: Value| {
            let of = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" => Some(of["exceptionDetails"].to_string()),
                "Runtime.consoleAPICalled" => Some(of.to_string()),
                "Log.entryAdded" => Some(of["entry"].to_string()),
                "Page.javascriptDialogOpening" => Some(format!("a dialog: {of}")),
                "Network.requestWillBeSent" if of["type"] != "Document" => {
                    Some(format!("asked for {}", of["request"]["url"]))
                }
                _ => None,
            }
        };
        self.events().into_iter().filter_map(told).collect()
    }

    /// How often a document was asked for: once, where nothing leads away.
    pub fn documents(&self) -> usize {
        let is_one = |event: &&Value| {
            event["method"] == "Network.requestWillBeSent" && event["params"]["type"] == "Document"
        };
        self.events().iter().filter(is_one).count()
    }

    /// A picture of so much of it, from its head on.
    pub fn picture(&self, file: &Path, (width, height): (u32, f64)) {
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let asked =
            json!({ "format": "png", "optimizeForSpeed": true, "captureBeyondViewport": true, "clip": clip });
        let answer = self.ask("Page.captureScreenshot", &asked);
        std::fs::write(file, STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()).unwrap();
    }

    /// How much of the picture of an element is darker than the middle, from 0 to 1.
    pub fn darkness(&self, selector: &str) -> f64 {
        let place = self.find(&format!(
            "(() => {{ const at = document.querySelector('{selector}').getBoundingClientRect(); \
             return {{ x: at.left + scrollX, y: at.top + scrollY, width: at.width, height: at.height, scale: 1 }}; }})()"
        ));
        let asked = json!({ "format": "png", "captureBeyondViewport": true, "clip": place });
        let taken = self.ask("Page.captureScreenshot", &asked);
        let folder = tempfile::tempdir().unwrap();
        // A page of its own, which may load what a report's policy forbids.
        let file = folder.path().join("picture.html");
        let picture = format!("<img src=\"data:image/png;base64,{}\">", taken["data"].as_str().unwrap());
        std::fs::write(&file, picture).unwrap();
        let found = self.browser.open(&file, "", WIDE).find(
            "(() => { const of = document.images[0], on = document.createElement('canvas'); \
             [on.width, on.height] = [of.naturalWidth, of.naturalHeight]; \
             const to = on.getContext('2d'); to.drawImage(of, 0, 0); \
             const all = to.getImageData(0, 0, on.width, on.height).data; let dark = 0; \
             for (let at = 0; at < all.length; at += 4) dark += all[at] + all[at + 1] + all[at + 2] < 384; \
             return 4 * dark / all.length; })()",
        );
        found.as_f64().unwrap()
    }

    /// Once it has been drawn as it is now: what watches sizes has seen them then. A page behind others is drawn for a picture only.
    pub fn drawn(&self) {
        let clip = json!({ "x": 0, "y": 0, "width": 8, "height": 8, "scale": 1 });
        self.ask("Page.captureScreenshot", &json!({ "format": "png", "clip": clip }));
    }

    /// It on paper, as its style wants it.
    pub fn printed(&self) -> Vec<u8> {
        let asked = json!({
            "preferCSSPageSize": true, "printBackground": true, "generateTaggedPDF": true, "generateDocumentOutline": true,
        });
        let answer = self.ask("Page.printToPDF", &asked);
        STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // A failed test has told more than this could.
        if !std::thread::panicking() {
            self.browser.ask(None, "Target.closeTarget", &json!({ "targetId": self.target }));
        }
    }
}

/// Where pictures are left for people.
pub fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
