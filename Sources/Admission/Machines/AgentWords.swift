// Made by deploy/agents; don't edit.

/// Words that tell a machine by its user agent, one class after the other.
///
/// Source: crawler-user-agents 1.67.0 (2026-10, MIT licence, github.com/monperrus/crawler-user-agents), and the
/// general words that deploy/agents adds. `^` and `$` stand for the beginning and the end. Upper and lower case count.
enum AgentWords {
    static let imageProxy = words(
        #"""
        GoogleImageProxy|YahooMailProxy|
        """#)

    static let scanner = words(
        #"""
        Barracuda|FireEye|Microsoft Office Existence Discovery|Microsoft Office Protocol Discovery|\#
        Mimecast|Proofpoint|SafeLinks|Trend Micro|VirusTotal|urlscan|
        """#)

    static let preview = words(
        #"""
        9bot/|AASA-Bot|AddThis|BingPreview|Bluesky/|BlueskyPreviewBot|BufferLinkPreviewBot|\#
        Chatwork LinkPreview|ClickUpLinkUnfurler|CodaBot|Dazzle BlueSky Bot|DingTalkBot-LinkService|\#
        Discordbot|Discourse Forum Onebox|Embedly|EvernoteRichLinkBot|EveryoneSocialBot|Facebot|\#
        FastmailUA|FlipboardProxy|Friendica|GG PeekBot|Google Web Preview|GroupMeBot|Hatena|Iframely|\#
        Jetslide|KeybaseBot|LMArenaUnfurlBot|Linespider|LinkedInBot|ListGemBot|LoomlyBot|Mastodon|\#
        Mattermost-Bot/|Mediumbot-MetaTagFetcher|Meta-ExternalHit/|MicrosoftPreview/|NING/|OdklBot/|\#
        OpenGraph.io/|Orlo-LinkPreview/|Quora-Bot|Shortwave Image Fetcher|SkypeUriPreview|Slack-ImgProxy|\#
        Slackbot|Snap URL Preview Service|SnapURLPreview/|SummalyBot|Supabase Paired Crawler|Synapse|\#
        TelegramBot|TikTokSpider|Tumblr/|TweetmemeBot|TwilioProxy/|Twitterbot|VKRobot|Valve/Steam|\#
        WhatsApp|Xing Bot|Yahoo Link Preview|^ArenaUnfurlBot|bluesky-domain-status-classifier|dbot)|\#
        facebookexternalhit|github-camo|meta-externalagent/|meta-externalfetcher/|meta-webindexer|\#
        newsharecounts|pinterest.com/bot|redditbot|vkShare|
        """#)

    static let monitor = words(
        #"""
         PTST/| sentry/|ABEvalBot|AccessStatus|Accessible Web Bot|Acquia optimize|ActiveComply|AlertSite|\#
        AppInsights|AtVowBot|Automaton|Baidu-YunGuanCe|Better Uptime Bot|BetterUptimeBot|BinaryCanary|\#
        Blackbox Exporter/|Bling ERP|Blockaid|BlogVault|Buck/|BuddyBot|Bugsnag|CapsuleChecker|\#
        CapterraBot|Catchpoint|CheckHost|CheckMarkNetwork/|Checkly|Chrome-Lighthouse|\#
        CloudFlare-AlwaysOnline|Cloudflare-Custom-Error-Page-Crawler|Cloudflare-Healthchecks|\#
        Cloudflare-SpeedTest|Cloudflare-Traffic-Manager|Cloudflare-Validator|CloudflareRadarURLScanner|\#
        Cludo|Corporama matcher|Crazy Egg|Critical CSS Bot|Cronless|Curebot|DMBrowser|DareBoost|\#
        Dark Visitor|Datadog Agent|Datadog Synthetic|DatadogSynthetics|Determ|DominicBot|Dotcom-Monitor|\#
        Dow Jones Searchbot|DowntimeDetector/|DrataAutopilot|DreamHost Data Team|Drupalbot|Dubbotbot|\#
        EasyCron/|EdgeWatch|EvoUptimeBot|Experibot|FastDAST|FedReporter Bot for FFIEC|FediDB|\#
        FediList Agent|FeedValidator|FreeWebMonitoring SiteChecker|Freshbot|FreshpingBot|GTmetrix|\#
        GenomeCrawlerd|Google Trust Services|GoogleStackdriverMonitoring|GotSiteMonitor.com|HaloBot|\#
        HanaleiBot|HeadOnlyScraper|HetrixTools|Honeybadger Uptime Check|HoneybadgerBot|HostTracker/|\#
        Hydrozen.io|InfoSifter|Irokez.cz monitoring|IsDownBot/|Known Agent|LinkpadBot|LogicMonitor|\#
        MagnetmeBot|Magus Bot|Mediatoolkitbot|Minoru's Fediverse Crawler|ModatScanner|MonSpark/|\#
        Monsidobot|MontasticMonitor|MxToolbox|NETVIGIE|NIXStatsbot|Netumo|New York Times Newsgathering|\#
        NewRelicSynthetics|NewRelicbot/|Newsify Feed Fetcher|NoahBot|NodePing|Noibu|OWLer-W|ObservePoint|\#
        OhDear/|OneTrust|OnlineOrNot.com_bot|PRTG Network Monitor|PRTGCloudBot/|Pagespeed/|Panopta|\#
        ParselySharesBot|PingAdmin.Ru/|Pingdom|PlagAwareBot|Poduptime|Pomothy-Bot|Qualys|RED/|\#
        Rackspace Monitoring/|Rakuten Image extraction bot|Rigor)|RuxitSynthetic|SENTINEL-LinkCheck|\#
        SQWatcher|Scrunchbot|SequelWP|Server Density Service Monitoring|ServerDensity|Silktide|Sindup|\#
        Site24x7|SiteLock|SiteUptime.com|Siteimprove.com|SleepBot|Spectate/|Splunk|StatusCake|\#
        Streamline3Bot/|SynthesiBot|TSMbot|Termly|ThousandEyes|Uptime-Kuma|Uptime/|UptimeBot/|\#
        UptimeRobot|UptimeStatistics|Uptimebot.org|Uptimia|UrlSuMa.de crawler|Validator.nu|Vigil/|\#
        W3C-checklink|W3C-mobileOK|W3C_CSS_Validator|W3C_I18n-Checker|W3C_Unicorn|W3C_Validator|\#
        WEDOS OnLine|WISEbot|WOVN Crawler|WPMU DEV Hub|WPMUDEV Uptime Monitor|WPUmbrella|WatchForBot|\#
        WatchMouse|Watchbot monitoring robot|Watchful|WebsiteOps|WormlyBot|YLT Chrome|Zabbix|^PTST/|\#
        ^sentry/|carbon-umbrella-bot|caveman-hunter|changedetection|check_http|cloudflare-csup|cludo|\#
        cron-job.org|curebot|deepnoc|downnotifier.com|eMoney Advisor|easyDNS Monitoring|\#
        elmah.io Uptime Monitoring|elmahio-uptimebot|fedistatsCrawler|gotosocial|internetVista monitor|\#
        jetmon/|keycdn-tools/|loopimprovements.com|minicrawler|monitis -|monitoring360bot/|\#
        montastic-monitor|netumo|pingdom|pingping.io/|pulsetic.com|solarwinds/|sv-watchagent|\#
        synthetic-monitoring-agent/|updown.io|uptimedoctor|uptrends|videootv Bot|vmcrawl|webmon |\#
        websitepulse|wheresitup.com/|www.uptime.com|
        """#)

    static let headless = words(
        #"""
        Amazon-Bedrock-AgentCore-Browser|AmazonBuyForMe|Anchor Browser|Code/1.|Ghost Inspector|\#
        Google-Agent|Google-Gemini-CLI|GoogleAgent-Mariner|Headless|Manus-User|PhantomJS|Playwright|\#
        Puppeteer|Selenium|TestLocally/|Trae/|TwinAgent|jsdom/|opencode-smartfetch|splash Version/|
        """#)

    static let crawler = words(
        #"""
         DVbot|(+http|008/|2ip bot|2ip.ru|7Siters|; +http|;Owler|A360-Search|A6-Indexer|ADmantX|\#
        AGAKIDSBOT|AI2Bot|AISearchBot|AP3A.240617.008|APIs-Google|Aboundex|AcademicBotRTU|Acunetix|\#
        AdagioBot|AddSearchBot|Adidxbot|AdminLabs|AdsBot-Google|AdsBot-IAB|AdvBot|Adventurer|\#
        AgencyAnalyticsBot|AhrefsBot|AhrefsSiteAudit|AkismetBot|AlexandriaOrgBot|AliyunSecBot|AllAfrica|\#
        AlphaBot|Amazing-SearchBot|AmazonAdBot|AmazonProductDiscovery|AmazonSellerInitiatedListing|\#
        Amazonbot|Amzn-SearchBot|Amzn-User|AndersPinkBot|Anomura|Apercite|ApifyBot|AppEngine-Google|\#
        AppSiteAssociation|Applebot|Aragog/|Aranea|Aranet-SearchBot|Archive-It|ArchiveBot|ArchiveBox|\#
        ArquivoBot|ArtemisBot|Asana/|AspiegelBot|Atom Feed Robot|Attracta|AudigentAdBot|AudistoBot|\#
        Authory|Autoconfig Test from USTC|AwarioBot|AwarioRendererBot|AwarioRssBot|AwarioSmartBot|\#
        AzureAI-SearchBot|B2B Bot|BDCbot|BDFetch|BIGLOTRON|BLP_bbot|BUbiNG|BW/|\#
        Bad Neighborhood Header Detector|BaiduAdsBot|BarkRowler|Barkrowler|BazQux|BeeperBot|BehloolBot|\#
        BestChange|BigUpDataBot|BitBot|Bitbucket-Webhooks|BlackDuck-FD|Blackboard|BlingERP|BlogTraffic/|\#
        Bloglines|Blogtrottr|BnFBot|BoardGamePricesBot|BomboraBot|Bot)|Bot.AraTurka.com|Bot/|Bot;|\#
        BotPoke|BoxcarBot|BrandONbot|BrandVerity|Brandwatch|BraveBot|Brightbot|BrowserBot-Observer|\#
        BublupBot|Bushbaby|Butterfly|Buttondown|CC Metadata Scaper|CCBot|CDSCbot|CERT PL|CLASSLA-web|\#
        CMSChecker|CXK_Bot|CaliberBot|Caliperbot|CapitalOneBot|CapitalOneShopping|CensysInspect/|\#
        CertChief|Channel3Bot|ChargeBeeBot|Charlotte|ChatGPT-User|\#
        Chrome Privacy Preserving Prefetch Proxy|Cincraw|CirrusExplorer|Citoid|Claude-SearchBot|\#
        Claude-User|Claude-Web|ClaudeBot|Claudebot|Clearscopebot|Clickagy|CloudFlare-Prefetch|\#
        Cloudflare-AutoRAG|Cloudflare-Custom-Hostname-Verification|Cloudflare-Radar-Scanner|\#
        Cloudflare-SSLDetector|Cloudflare-Stream-Hook|Cloudflare-Stream-Webhook|Cloudtrellis|Cocolyzebot|\#
        Collapsify|CommaFeed|ContextAd Bot|ContextualBot|Convermax|CookieHub Bot|CookieHubScan|\#
        CookieHubVerify|CookieYesbot|Cookiebot|Cotoyogi|Coveobot|Cozi-iCalendar-FeedReader|Crawler|\#
        Crawlson|CriteoBot|Criticalcss.com|CrystalSemanticsBot|Cutbot|CybaaBot|CyberPatrol|CyotekWebCopy|\#
        DF Bot|DNSScanner|DaspeedBot|DataForSeoBot|Datafeedwatch|Datanyze|Dataprovider.com|Daum/|\#
        Dead Link Checker|DeepCrawl|DeepSeekBot|Deskyobot|Detectify|DeuSu/|Digg Deeper|DigiCert DCV|\#
        Digincore bot|DirBuster|Dirbuster|Disqus|Dlc/|Dmbot|DnyzBot|Do Not Track Verifier|DomCopBot|\#
        Domain Re-Animator Bot|DomainStatsBot|Domains Project/|Dragonbot|Dratabot|DuckAssistBot|\#
        DuckDuckBot|DuckDuckGo-Favicons-Bot|EZID|EasyBib AutoCite|EcoVadisSustainabilityBot|EmailWolf|\#
        ExodusMovement|Expanse|ExtLinksBot|ExteContextCrawl|Eyeotabot|EzLynx|Ezgif|EzoicBot|\#
        FDL Stats Bot|FacebookBot|FedReporterDataBot|FediIndex|Fedicabot|Fedineko|Feed Image Audit|\#
        FeedBurner|FeedFlow|Feedbin|Feeder /|Feedfetcher-Google|Feedly|Feedpresso Content Index Bot|\#
        Feedsearch Bot|Feedspot|Feedwind|FemtosearchBot|Fetch/|FindFiles.net|FindITAnswersbot|\#
        FirecrawlAgent|FirmoGraph|Flamingo_SearchEngine|FleebsBot|FlipboardRSS|Flyriverbot|Foregenix|\#
        Freespoke/|FreshRSS|Friendly testing bot|Funnelback|Fyrebot|G2 Web Services|GIFTEDVISITOR SCAN|\#
        GPTBot|Gaisbot|GeedoBot|GeedoProductSearch|GeedoShopProductFinder|Gemini-Deep-Research|Genieo|\#
        Gigablast|Gigabot|GlobalWebSearch|GnowitNewsbot|GoPay|Golfe/|Goodzer|Google Favicon|\#
        Google-AdWords-Express|Google-Ads-Conversions|Google-Adwords-Instant|Google-Apps-Script|\#
        Google-Area120|Google-Certificates-Bridge|Google-CloudVertexBot|Google-Extended|\#
        Google-InspectionTool|Google-NotebookLM|Google-PhysicalWeb|Google-Read-Aloud|Google-Safety|\#
        Google-Site-Verification|Google-Structured-Data-Testing-Tool|Google-Trust-Services/|\#
        GoogleAssociationService$|GoogleAssociationService/|GoogleDocs|GoogleOther|GoogleProducer|\#
        Googlebot-IA/|Googlebot-Image|Googlebot-Mobile|Googlebot-News|Googlebot-Video|Gowikibot|\#
        Grammarly/|Grobbot|GroupHigh/|Grover/|Gulper Web Bot|Gwene|HTTP Banner Detection|HappyWing|\#
        Hardenize|HawaiiBot|Hello World|HenkBot|Hlidam.to robot|Hotjar|HubSpot|Hype Machine/|IDG/EU|\#
        IFTTT/|INETDEX-BOT|IRLbot|IbouBot|ImageFetcher/|ImageMind|ImagesiftBot|Impact.com Agent|\#
        IndeedBot|IndeedJobBot|Indy Library|Innguma/|Innologica|Instapaper/|Integromat/|InterfaxScanBot|\#
        InternetMeasurement|IonCrawl|IsonAI-User|IsonSearchBot|IstellaBot|James BOT|JobboerseBot|\#
        Jooblebot|Jumio|K7MLWCBot|KStandBot|Kangaroo Bot|KargoBot-Artemis|Kemvibot|KendraBot|Keydrop.io|\#
        Klaviyo/|KomodiaBot|KosmioBot|KrawlerBot|LAC_IAHarvester|Laserlikebot|LegalMonster|Leikibot|\#
        Let's Encrypt|Library Of Congress Web Archiving|Linguee Bot|LinkAce/|LinkArchiver|LinkCheckerBot|\#
        LinkTiger|LinkWalker/|LinkisBot|LinkupBot|LivelapBot|Livelapbot|Luminator-robots|MB-LinkChecker|\#
        MJ12bot|MTRobot|MaCoCu|Macrobondbot|Magellan|MagiBot|Magnet.me-web/|MagpieRSS|Mail.RU_Bot|\#
        MailChimp|MainWP/|Make/|ManageWP|MarketGoo/|MarketingMiner|MatchorySearch|MauiBot|Mavifinds|\#
        McontextualBot|MedialogiaBot|Mediapartners-Google|MediavineMetadataParser/|MegaIndex|\#
        MeltwaterNews|MergadoBot|MetaInspector|MetaJobBot|MetaURI|Metorik|MgidBot|Miniature.io/|\#
        Miniflux/|MistralAI-User|MixnodeCache/|MixrankBot|ModernizeBot|ModularConnector/|\#
        Mollie HTTP client|MonTools.com|Monibot|MonitoRSS/|MoodleBot|Moreover|MuckRack|Multiviewbot|\#
        NAVER Blog Rssbot|NINJA bot|NLNZ_IAHarvester|NLUX_IAHarvester|NTENTbot|NanoInteractive|NapBot|\#
        NaverBot|Neevabot|NerdByNature.Bot|Nessus|NestDaddybot|NetAPI|NetShelter ContentScan|\#
        NetSystemsResearch|Netcraft SSL Server Survey|Netcraft Web Server Survey|NetcraftSurveyAgent|\#
        Netvibes|NewsBlur|NewsNow/|NewsRoom.BI|NextCloud|NicheIndex|Nikto|Nimbostratus-Bot|Nitro-|\#
        NitroBot|Nmap Scripting Engine|Nooshub/|Notabot|Novaact/|Novellum|Nutch|Nuzzel|OAI-SearchBot|\#
        Ocarinabot|Offline Explorer|Omnisend/|OnCrawl/|Online Domain Tools|OpenGraphCheck|OpenHoseBot|\#
        OpenRSS|OpenTheBoxBot|OpenVAS|Operator/|Optimizer)|OutclicksBot|OutsellURLValidator|Overcast/|\#
        Owler (ows.eu|PDF24 URL To PDF|PR-CY.RU|PS_Daily/|PWABuilderHttpAgent|PagePeeker/|PageThing|\#
        Pandalytics|PanguBot|PaperLiBot|PayPal/|Penthouse Critical Path CSS Generator|Perplexity-User|\#
        PerplexityUser|PetalBot|PhindBot|PhxBot|PiplBot|Pixalate.com|PlayStore-Google|\#
        Plesk screenshot bot|PocketCasts/|PocketParser|PodchaserParser|Podimo|Poggio-Citations|Potions/|\#
        PressEngineBot|Primalbot|PrintFriendly.com|PrivacyAwareBot|Pro-Sitemaps/|ProbelySPDR/|\#
        ProjectShield-UrlCheck|Protopage/|Pulsepoint |Qwantbot|Qwantify|Qwarrybot|RSS.Social|RSSAPI/|\#
        RSSingBot|RSiteAuditor|RankActiveLinkBot|Readable/|Recurly Webhooks/|Reelevant/|Refindbot|\#
        RegionStuttgartBot|RepoLookoutBot|ResearchBot|Retool/|RetrevoPageAnalyzer|RetroListeCOM/|\#
        ReverseEngineeringBot|RevvimGort/|RidderBot|Riddler (http://riddler.io|Rivva|RobotsChecker/|\#
        RssReaderBot|RyteBot|SBL-BOT|SEBot-WA|SEMrushBot|SEOkicks|SEOlizer|SERPtimizerBot|\#
        SERankingBacklinksBot|SFDC-Callout/|SISTRIX|SMTnetPMBot|SSL Labs (https://www.ssllabs.com|\#
        SSL Labs$|SWIMGBot|SafeDNSBot|Sansec Security Monitor/|Schema-Markup-Validator|Scoop.it/|Scope3|\#
        ScoutJet|Scrubby|SearchAtlas|SearchExpress|Searcherweb|Searcherxweb|SecurityHeaders|Seekport|\#
        SemanticScholarBot|SemrushBot|SendGrid Event API|SentiBot|SenutoBot|SeoSiteCheckup|SeobilityBot|\#
        SeoulBot|SerendeputyBot|SeznamBot|ShapBot|Shopify-Captain-Hook|ShortPixel|Sidetrade indexer bot|\#
        SimplePie|SimpleScraper|SinceraSyntheticUser/|SirdataBot|SiteCheck-sitecrawl|SiteScoreBot|\#
        SiteSearch360/|SiteSucker|SitesOverPagesBot|Skroutz ImageBot|SkroutzBot|SlaccaleBot|Slurp|\#
        SmarshBot|Snacktory|SnapchatAds/|Snipcart/|SocialRankIOBot|Software-Security-Research|Sora POS/|\#
        SottopopNone|SparkPost|SparkShipping|Spawning-AI|Specificfeeds|Spider|SpringserveBot|Stape/|\#
        StartpagePrivateImageProxy/|StatistikAustria/|StatsDroneBot|Storebot-Google|StorygizeBot|\#
        StractBot|Stripe/|Sucuri|Superfeedr|SurdotlyBot|SurveyBot|Svix-Webhooks/|Swiftbot|\#
        SwifteqLinkChecker|Swisscows|Sysomos|TLS tester|TSM-turingos|TTD-Content|Taboolabot|TactiScout/|\#
        TangibleeBot|TaraGroup Intelligent Bot|TavilyBot|Teoma|TerraCotta|Test Certificate Info|TestURI|\#
        TextRazor|The Knowledge AI|TheInternetSearchx|Thinkbot|Thinklab|Timpibot|TinEye|Tiny Tiny RSS|\#
        Traackr.com|Trellis-Services|TrendsmapResolver|Trustly/|Turnitin|Tweakers|TwinWaveScanner|\#
        Twingly|Twurly|UASlinkChecker/|UGAResearchAgent|URLSuMaBot|UT-Dorkbot|Unshorten.It!|Upflow|\#
        UrlBeeBot|Urlcheckr/|Vagabondo/|VaultPress|Veoozbot|Vercelbot|Verity/|VoluumDSP-content-bot|\#
        WJHRO/|WP Time Capsule|WPMU DEV Broken Link Checker|WPScan|WPSec/|WRTNBot|WSM/|WTotem|WadooBot|\#
        WanscannerBot|Wayback|WeSEE:Search|Web Measure/|Web Screen Service By hyperhost|WebCEO Online/|\#
        WebCapture|WebCopier|WebDataStats|WebSniffer/|WebZIP|Webflow|Website-info.net-Robot|WellKnownBot|\#
        WepchSearchEngine|WhatWeb/|WhatsMyIP.org|Wheregoes.com|WikiDo|WordPress/|Wordup-1|\#
        WordupInfoSearch|WorldBot|XML Sitemaps Generator|XY-Archive-Compliance|Xenu Link Sleuth|Y!J|YaK/|\#
        Yahoo Ad monitoring|YahooCacheSystem|YandoriRSSBot|Yellowbrandprotectionbot|Yeti|YokoyGroupAG/|\#
        YouBot|YoudaoBot|Yuuperbot|ZanistaBot|Zapier|Zealbot|Zendesk Webhook|ZmEu|ZoomBot|ZoomInfo-|\#
        ZoominfoBot|ZoteroTranslationServer/WMF|ZumBot|ZyBorg|^CrunchBot|^LCC |^Seekbot|^dcrawl|\#
        abuse.xmco.fr|acapbot|acoonbot|acunetix|adbeat.com|adbeat_bot|adscanner|aiHitBot|air.ai/scanning|\#
        alexa site audit|alienfarm|allOrigins|anthropic-ai|antibot|arabot|archive.org_bot|\#
        artemis web reader|asnriskscorer|atlassian-bot|betaBot|bidswitchbot|bigsur.ai|bingbot|binlar|\#
        bitdiscovery|bitlybot|bl.uk_lddc_bot|bl.uk_ldfc_bot|blekkobot|blogmuraBot|bne.es_bot|bnf.fr_bot|\#
        bot)|bot-pge.chlooe.com|bot/|bot;|botify|brainobot|brokenlinkcheck.com|buzzbot|cXensebot|\#
        careerbot|centuryb.o.t9|centurybot|certytags|channable|citeseerxbot|claudeBot|claudebot|coccoc|\#
        cognitiveSEO Bot|cognitiveseo.com|cohere-ai|collection@infegy.com|contentkingapp|contxbot|\#
        convera|cookie-maestro|crawl4ai|crawler|crusty/|csirt.cz|cypex.ai/scanning|datagnionbot|daumoa|\#
        deadlinkchecker|developers.google.com/+/web/snippet|dirBuster|dirbuster|discobot|dlvr.it|dotbot|\#
        drupact|eMoneyBot|eRepublik.tools|easybill-ImportManager|ec2linkfinder|edansbot|edisterbot|\#
        electricmonk|elisabot|epicbot|eright|europarchive.org|evc-batch|exabot|ezooms|facebookcatalog/|\#
        factset_spyderbot|fedoraplanet|feedbot|feeder.co|fidget-spinner-bot|findlink|findthatfile|\#
        findxbot|fiperbot|fluffy|fuelbot|g00g1e.net|g2reader-bot|gdnplus.com|getthit.com|google-xrawler|\#
        grub.org|gslfbot|hCardValidator|heritrix|hgfAlphaXCrawl/|hstspreload-bot|\#
        https://developers.cloudflare.com/security-center/|hypestat|hyscore.io|ia_archiver|ichiro|\#
        img2dataset|imgproxy/|imrbot|infoobot|inoreader|integromedb|intelium_bot|intelx.io_bot|ips-agent|\#
        iskanie|iubenda-radar/|jobswithgptcom-bot|jpg-newsbot|jyxobot|kagi-fetcher|\#
        kaikki.org-digital-archive|kb.dk_bot|keys-so-bot|kinsta-bot|l9explore|l9scan|\#
        laion-huggingface-processor|linkReader/|linkapediabot|linkdex|lipperhey|\#
        loc.gov/programs/web-archiving|lssbot|ltx71|lyonl-asset-proxy|magicsearchdev/|mappydata|masscan|\#
        memorybot|meta-externalads/|mindUpBot|mirrorweb.com|mlbot|moatbot|msnbot|msrbot|my-tiny-bot|\#
        nbertaupete95|nerdybot|netresearchserver|newsai/|niki-bot|nomore404.com robot|noorobot|nvdorz|\#
        nyt_scraping|officestorebot|omgili|online-webceo-bot|outbrain|page-preview-tool|page2rss|\#
        panscient|parse.ly scraper/|postrank|proximic|psbot|purebot|qcbot|rakutenusabot-image/|\#
        remove.bg/|researchscan.comsys.rwth-aachen.de|reward-gateway|rogerbot|rss-is-dead.lol web bot|\#
        rss-parser|rss2tg|s4a/|scraping@nytimes.com|screeenly-bot|scribdbot|search.marginalia.nu|\#
        seewithkids|semantic-visions|semanticbot|sempi.tech|seo4ajax.com|seoLyt|seoscanners|seostar.co|\#
        sistrix|sitebot|sitebulb|siteexplorer.info|smtbot|spbot|speedy|spider|sqlmap|stepstoneCrawlBot|\#
        summify|t3versionsBot|tagoobot|tchelebi/|test-bot|theoldreader.com|thesis-research-bot|tigerbot|\#
        toplistbot|tracemyfile|trendictionbot|trentwil.es|trovitBot|tweetedtimes|twengabot|uipbot|um-FC|\#
        um-IC|um-LN|upday/|urlappendbot|useeBookChecker/|vebidoobot|vercel-screenshot|videootvBot|\#
        virustotal|visionheight.com/scan|voilabot|vu-server-health-scanner/|vuhuvBot|watchTowr|\#
        wbsearchbot|web-archive-net.com.bot|webgains-bot|weborama-fetcher|webzio|wknd-bot|wmtips.com/|\#
        wocbot|woobot|woorankreview/|woriobot|workona-favicon-service/|wotbox|xovibot|yacybot|\#
        yandex.com/bots|yanga|yoozBot|zebra-v2-bot|zenback bot|zgrab|zzhbot|
        """#)

    static let library = words(
        #"""
        AHC/|ALittle Client|Amazon CloudFront|AnyEvent|BTWebClient|CustomAsyncHttpClient|Download Ninja|\#
        Go-http-client|GoParserBot|HTTrack|HttpUrlConnection|Mechanize|Pcore-HTTP|Python-urllib|\#
        Salesforce.com|Scrapy|Wget|^Apache-HttpClient|^Faraday|^HTTPie/|^Java/|^PHP-Curl-Class|^PHP/|\#
        ^PostmanRuntime|^Python-|^Python/|^Ruby|^curl|^libwww|^python-|^undici|aiohttp|axios|colly|\#
        http_get|httpunit|httpx|larbin|libwww-perl|lwp-trivial|mechanize|newspaper/|node-fetch|phpcrawl|\#
        python-opengraph|python-requests|rawweb-bot|sindresorhus/got|trafilatura|wget|
        """#)

    private static func words(_ text: StaticString) -> [Substring] {
        "\(text)".split(separator: "|")
    }
}
