import ArgumentParser
import Glibc
import Journal
import Links
import Settings

struct LinkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link",
        abstract: "Signs links for mails: clicks, opens, unsubscribing, preferences.",
        discussion: """
            Needs a key (engaged keys rotate) and the address at which readers reach the daemon \
            (links.address).

              engaged link --target https://shop.example/boots --newsletter weekly \
            --issue 2026-11 --customer c-17
              engaged link --kind unsubscribe --newsletter weekly --customer c-17
              engaged link --headers --newsletter weekly --issue 2026-11 --customer c-17
              engaged link --lines < recipients.ndjson

            Each line is an object with these options as its fields: kind, target, newsletter, \
            issue, link, customer, message, days; kind "mail" gives a mail's open pixel, \
            unsubscribe and preference links and headers at once. Each is answered by one, in the \
            same order. Exits with 65 if a line was refused.
            """)

    @Option(help: "click, open, unsubscribe or preferences.")
    var kind = "click"

    @Option(help: "Where a click leads: http or https.")
    var target: String?

    @Option(help: "The mailing list.")
    var newsletter: String?

    @Option(help: "The issue of the newsletter.")
    var issue: String?

    @Option(help: "The link's name in reports (default: its target).")
    var link: String?

    @Option(help: "The recipient.")
    var customer: String?

    @Option(help: "The mail's own id.")
    var message: String?

    @Option(help: "The site (default: the only one).")
    var site: String?

    @Option(help: "How long it holds (default: 400; preferences: 90).")
    var days: Int?

    @Flag(help: "Print the headers that the mail must carry.")
    var headers = false

    @Flag(help: "Take many from standard input, one JSON object a line.")
    var lines = false

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.settings()
        let file = LinkKeyFile(settings)
        let keys: [LinkKey]
        do { keys = try file.read() } catch { throw failure(.inputOutput, "\(error)") }
        guard !keys.isEmpty else {
            throw failure(
                .configuration, "no keys at \(file.path); make one: engaged keys rotate")
        }
        let signer = LinkSigner(keys: Keyring(keys), address: settings.linkAddress)
        let site = try chosenSite(settings)
        let now = SystemClock().wallMilliseconds() / 1_000
        if lines { return try signLines(signer, site, now) }
        do throws(LinkSigner.Mistake) {
            var request = try LinkRequest(
                kind: headers ? "mail" : kind, site: site, now: now, days: days)
            request.claims.target = target
            request.claims.newsletter = newsletter
            request.claims.issue = issue
            request.claims.link = link
            request.claims.customer = customer
            request.claims.message = message
            if headers {
                for header in try request.mail(signer).headers {
                    say("\(header.name): \(header.value)")
                }
                complain("engaged: the mail's DKIM signature must cover these headers (RFC 8058)")
            } else {
                say(try signer.url(request.claims))
            }
        } catch { throw failure(.usage, error.detail) }
    }

    private func chosenSite(_ settings: Settings) throws -> String {
        if let site {
            guard settings.sites.contains(where: { $0.name == site }) else {
                throw failure(.usage, "the configuration has no site \(site)")
            }
            return site
        }
        guard settings.sites.count == 1, let only = settings.sites.first else {
            throw failure(.usage, "there are several sites: give --site")
        }
        return only.name
    }

    private func signLines(_ signer: LinkSigner, _ site: String, _ now: Int64) throws {
        var number = 0
        var refused = 0
        while let line = readLine() {
            number += 1
            do throws(LinkSigner.Mistake) {
                let request = try LinkRequest(line: Array(line.utf8), site: site, now: now)
                say(try request.answer(signer, line: number))
            } catch {
                refused += 1
                say(LinkRequest.refusal(error, line: number))
            }
        }
        if refused > 0 {
            throw failure(.badData, "\(grouped(refused)) of \(grouped(number)) lines refused")
        }
    }
}
