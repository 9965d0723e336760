import Crypto

/// The look of every page: one inline style, allowed by its hash and nothing else.
enum PageStyle {
    static let css = """
        :root{color-scheme:light dark;--ink:#1d2430;--soft:#566072;--page:#f3f4f7;--card:#fff;\
        --line:#d9dde5;--act:#1f5fd0;--on:#fff;--alarm:#b3261e}
        @media (prefers-color-scheme:dark){:root{--ink:#e8ebf1;--soft:#a5aebd;--page:#12151b;\
        --card:#1c2129;--line:#333b47;--act:#8ab4ff;--on:#0c1a33;--alarm:#ff9d94}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);\
        font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
        main{max-width:39rem;margin:0 auto;padding:clamp(1rem,5vw,4rem) clamp(.75rem,3vw,1.5rem)}
        .card{background:var(--card);border:1px solid var(--line);border-radius:1rem;\
        padding:clamp(1.25rem,5vw,2.25rem);margin:0 0 1.25rem}
        .site{color:var(--soft);font-size:.9375rem;font-weight:600;margin:0 0 .4rem;\
        overflow-wrap:anywhere}
        h1{font-size:clamp(1.5rem,5vw,1.9rem);line-height:1.2;margin:0 0 .75rem;\
        letter-spacing:-.015em;overflow-wrap:anywhere;text-wrap:balance}
        h2{font-size:1.2rem;line-height:1.3;margin:0 0 .6rem}
        p{margin:0 0 1rem}
        p:last-child,ul:last-child{margin-bottom:0}
        .note{color:var(--soft);font-size:.9375rem}
        ul{margin:0 0 1rem;padding-left:1.2rem}
        li{margin:.25rem 0;overflow-wrap:anywhere}
        fieldset{border:0;border-top:1px solid var(--line);margin:0;padding:1.1rem 0 1.2rem;min-width:0}
        legend{float:left;width:100%;font-weight:650;padding:0;margin:0 0 .35rem}
        legend+*{clear:both}
        .choice{display:flex;align-items:center;gap:.8rem;min-height:2.75rem;padding:.2rem 0;cursor:pointer;\
        overflow-wrap:anywhere}
        .choice input{flex:none;width:1.3rem;height:1.3rem;margin:0;accent-color:var(--act)}
        button,.button{display:inline-block;font:inherit;font-weight:650;line-height:1.25;cursor:pointer;\
        min-height:2.9rem;padding:.75rem 1.35rem;border-radius:.65rem;border:2px solid var(--act);\
        background:var(--act);color:var(--on);text-decoration:none}
        .plain{background:none;color:var(--act)}
        .danger{background:none;border-color:var(--alarm);color:var(--alarm)}
        .sure{background:var(--alarm);border-color:var(--alarm);color:var(--card)}
        button:hover,.button:hover{filter:brightness(1.08)}
        :focus-visible{outline:3px solid var(--act);outline-offset:3px}
        .row{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0}
        .row:last-child{margin-bottom:0}
        fieldset:last-of-type{padding-bottom:.1rem}
        form+.note{margin-top:1.25rem}
        .row form{display:contents}
        @media (max-width:28rem){.row{flex-direction:column}button,.button{width:100%;text-align:center}}
        @media (forced-colors:active){.card{border:1px solid}}
        """

    /// Nothing may be loaded, run or framed; forms go back to where they came from.
    static let policy: String = {
        let digest = Array(SHA256.hash(data: Array(css.utf8)))
        return "default-src 'none'; style-src 'sha256-\(base64(digest))'; form-action 'self'; "
            + "frame-ancestors 'none'; base-uri 'none'"
    }()

    /// Of 32 bytes: 43 characters and one `=`.
    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".unicodeScalars)
        var out = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for i in 0...3 {
                if i > group.count {
                    out += "="
                } else {
                    out.unicodeScalars.append(alphabet[Int(bits >> UInt32(18 - 6 * i) & 63)])
                }
            }
        }
        return out
    }
}
