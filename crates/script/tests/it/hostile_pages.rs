//! Pages that would never end or never have enough: each comes to an end within its bounds, leads nowhere, and the next page runs.

use hopline_script::ScriptError;

use crate::neighbours::{Bench, script};

/// Whatever the page is, the engine ends it, claims no destination, and is as good as new.
async fn end_all(sources: &[&str]) {
    let bench = Bench::new();
    for source in sources {
        end(&bench, source, &script(source)).await;
    }
}

async fn end(bench: &Bench, name: &str, html: &str) {
    match bench.run(html).await {
        Ok(report) => assert_eq!(report.navigation, None, "{name}"),
        Err(ScriptError::TimedOut { .. } | ScriptError::Killed { .. }) => {}
        Err(error) => panic!("{name}: {error}"),
    }
    let next = bench.run(&script("document.title = 'next'")).await.unwrap();
    assert_eq!(next.title.as_deref(), Some("next"), "after {name}");
}

#[tokio::test]
async fn loops_without_end() {
    end_all(&["for (;;);", "setTimeout(() => { for (;;); }, 10)"]).await;
}

#[tokio::test]
async fn tasks_without_end() {
    end_all(&[
        "for (let i = 0; i < 10_000; i++) setTimeout(() => {}, i)",
        "(function again() { setTimeout(again, 0); setTimeout(again, 0) })()",
        "(function again() { Promise.resolve().then(again) })()",
    ])
    .await;
}

#[tokio::test]
async fn memory_without_end() {
    end_all(&[
        "let a = 'a'; for (;;) a += a",
        "const a = []; for (;;) a.push(new Array(1_000).fill(a.length + ''))",
        "const a = new Map(); for (let i = 0; ; i++) a.set(i, { i })",
        "const a = []; for (;;) a.push(new Uint8Array(1_000_000).fill(1))",
        "new ArrayBuffer(2 ** 31); 'a'.repeat(2 ** 29); new Array(2 ** 32 - 1).join('a')",
        "let a = 'a'; for (;;) a = new RegExp(`(${a}|${a})`).source",
        "for (;;) document.body.appendChild(document.createElement('div')).textContent = 'a'.repeat(1_000)",
        "for (let i = 0; ; i++) localStorage.setItem(i, 'a'.repeat(10_000))",
        "for (let i = 0; ; i++) history.pushState('a'.repeat(100_000), '', '?' + i)",
    ])
    .await;
}

#[tokio::test]
async fn depth_without_end() {
    end_all(&[
        "(function again() { again() })()",
        "JSON.parse('['.repeat(1_000_000))",
        "let a = []; for (let i = 0; i < 1_000_000; i++) a = [a]; JSON.stringify(a); String(a)",
        "let a = document.body; for (let i = 0; i < 100_000; i++) a = a.appendChild(document.createElement('b')); document.body.outerHTML",
        "document.body.innerHTML = '<b>'.repeat(100_000); document.body.cloneNode(true).textContent",
        "eval('('.repeat(100_000)); ",
        "new RegExp('('.repeat(100_000) + ')'.repeat(100_000)).test('a')",
    ])
    .await;
}

#[tokio::test]
async fn one_call_that_takes_for_ever() {
    end_all(&[
        "/^(a+)+$/.test('a'.repeat(40) + 'b')",
        "let a = 3n; for (;;) a *= a",
        "2n ** (2n ** 40n)",
        "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    ])
    .await;
}

#[tokio::test]
async fn markup_without_end() {
    end_all(&[
        "for (;;) document.write('<b>' + 'a'.repeat(10_000))",
        "(window.again = () => document.write('<script>again()<\\/script>'))()",
        "for (;;) document.body.innerHTML += '<i></i>'.repeat(1_000)",
        "for (let i = 0; ; i++) document.cookie = i + '=' + 'a'.repeat(1_000)",
        "for (let i = 0; ; i++) fetch('/' + i)",
    ])
    .await;
}

#[tokio::test]
async fn objects_that_lie() {
    end_all(&[
        "const a = new Proxy({}, { get: () => a, has: () => true, ownKeys: () => { for (;;); } }); Object.keys(a)",
        "location = { toString() { return this } }",
        "Object.defineProperty(Object.prototype, 'href', { get() { return this.href } }); ({}).href",
        "for (const name of Object.getOwnPropertyNames(window)) try { window[name] = null } catch {}",
        "for (const type of [Object, Function, Array, String, Promise, Map, RegExp, Error])
           for (const name of Object.getOwnPropertyNames(type.prototype))
             try { type.prototype[name] = () => { throw 1 } } catch {}",
        "throw { get message() { for (;;); }, toString() { for (;;); } }",
        "onerror = () => { throw 1 }; throw 2",
    ])
    .await;
}

#[tokio::test]
async fn documents_without_end() {
    let bench = Bench::new();
    end(&bench, "deep markup", &"<b>".repeat(20_000)).await;
    end(&bench, "many scripts", &"<script>1</script>".repeat(2_000)).await;
    end(
        &bench,
        "many attributes",
        &format!("<p {}>", (0..5_000).map(|n| format!("a{n}")).collect::<Vec<_>>().join(" ")),
    )
    .await;
    end(&bench, "tables", &"<table><td>".repeat(2_000)).await;
    end(&bench, "open formatting", &"<a><b><i><p>".repeat(500)).await;
}
