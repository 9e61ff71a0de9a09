//! Chat, social networks and their webhooks.

use super::check::Check;
use super::table::{Detector, behind, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    // Slack: the letter behind `xox` is the kind of token; webhooks of all three kinds.
    token("value:slack_bot_token", "xoxb-[0-9A-Za-z-]{10,}")
        .entropy(2.5)
        .hits(&["xo~xb-5xJrvZinrP"])
        .misses(&["xo~xb-5xJrvZinr", "xo~xb-5xJrv!ZinrP"]),
    token("value:slack_user_token", "xoxp-[0-9A-Za-z-]{10,}")
        .entropy(2.5)
        .hits(&["xo~xp-UFz9HX5ZHB"])
        .misses(&["xo~xp-UFz9HX5ZH", "xo~xp-UFz9H!X5ZHB"]),
    token("value:slack_app_token", "xapp-[0-9]-[A-Z0-9]+-[0-9]+-[0-9a-z]{32,}")
        .entropy(3.0)
        .hits(&["xa~pp-1-D-0-rj85tztx84~nq80s8y0tz8o5bpgny0z4n"])
        .misses(&["xa~pp-1-D-0-rj85tztx8~4nq80s8y0tz8o5bpgny0z4", "xa~pp-1-D-0-rj85tztx84~nq80s8y!0tz8o5bpgny0z4n"]),
    token("value:slack_rotating_token", r"xoxe(\.xox[bp])?-[0-9]-[A-Za-z0-9]{100,}")
        .entropy(3.5)
        .hits(&[
            "xo~xe-1-4SkKeR3yXEEhhRJ9Y46LbXFHzA6HVmsI4bmfS8J2EYiI5O~bvysX0ClUfa9DUv2BVbyRhJGp7ajmdg4l5jZiAkBAiJswUHrqptKHl",
        ])
        .misses(&[
            "xo~xe-1-4SkKeR3yXEEhhRJ9Y46LbXFHzA6HVmsI4bmfS8J2EYiI5~ObvysX0ClUfa9DUv2BVbyRhJGp7ajmdg4l5jZiAkBAiJswUHrqptKH",
            "xo~xe-1-4SkKeR3yXEEhhRJ9Y46LbXFHzA6HVmsI4bmfS8J2EYiI5O~bvysX0ClUfa9DUv2BV!byRhJGp7ajmdg4l5jZiAkBAiJswUHrqptKHl",
        ]),
    token("value:slack_legacy_token", "xox[aorsd]-[0-9A-Za-z%-]{10,}")
        .entropy(2.5)
        .hits(&["xo~xd-CFpQaIPAEF"])
        .misses(&["xo~xd-CFpQaIPAE", "xo~xd-CFpQa!IPAEF"]),
    token("value:slack_client_token", "xoxc-[0-9A-Za-z-]{10,}")
        .entropy(2.5)
        .hits(&["xo~xc-ceuwZ-oEld"])
        .misses(&["xo~xc-ceuwZ-oEl", "xo~xc-ceuwZ!-oEld"]),
    behind("value:slack_webhook", r"hooks\.slack\.com/(services|workflows|triggers)/", "[A-Za-z0-9+/]{30,}")
        .entropy(3.0)
        .hits(&["hoo~ks.slack.com/services/«saO32fSusiqdebh~lKpbyq6t2cC4duR»"])
        .misses(&["hoo~ks.slack.com/services/saO32fSusiqdebh~lKpbyq6t2cC4du", "see saO32fSusiqdebh~lKpbyq6t2cC4duR"]),
    // Discord: a bot token begins with its id in base64.
    token("value:discord_bot_token", r"[MNO][DTjz][AEIMQUYcgk][w-z0-5][A-Za-z0-9]{20,24}\.[\w-]{6}\.[\w-]{27,}")
        .entropy(3.5)
        .hits(&["ND~c2AqEHcNfhFChoZ5UjlyzU.9QH3~mQ.0dC8K8JZesgG2uNYRDzd8BWXlls"])
        .misses(&[
            "ND~c2AqEHcNfhFChoZ5UjlyzU.9QH~3mQ.0dC8K8JZesgG2uNYRDzd8BWXll",
            "ND~c2AqEHcNfhFChoZ5UjlyzU.9QH3~mQ.0dC8K8J!ZesgG2uNYRDzd8BWXlls",
        ]),
    behind("value:discord_webhook", r"discord(app)?\.com/api/webhooks/\d{17,20}/", r"[\w-]{60,}")
        .entropy(3.5)
        .hits(&[
            "dis~cord.com/api/webhooks/66424091965446891/«tPFgnVjFEzZeTgHr7CbNpOkSca4yUn~cg-RrzS3xGVrxFLbpz_tJndVq1BzIB»",
        ])
        .misses(&[
            "dis~cord.com/api/webhooks/66424091965446891/tPFgnVjFEzZeTgHr7CbNpOkSca4yUn~cg-RrzS3xGVrxFLbpz_tJndVq1BzI",
            "see tPFgnVjFEzZeTgHr7CbNpOkSca4yUn~cg-RrzS3xGVrxFLbpz_tJndVq1BzIB",
        ]),
    named("value:discord_client_secret", "(?i)discord", r"[\w-]{32}")
        .entropy(3.8)
        .hits(&["di~scord_token=«B05-j_-QNP5VUTjJ~j5bAS4ziCYeJ_Vtt»"])
        .misses(&[
            "di~scord_token=B05-j_-QNP5VUTjJ~j5bAS4ziCYeJ_Vt",
            "di~scord_token=bbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbb",
            "build_id=B05-j_-QNP5VUTjJ~j5bAS4ziCYeJ_Vtt",
        ]),
    // Telegram: the id of the bot, and 35 characters.
    token("value:telegram_bot_token", r"\d{8,10}:AA[\w-]{33}")
        .entropy(3.0)
        .hits(&["66~770999:AAcRt1u__B_i~ZDaRC6Rrk-BhiiuclzKkWZc"])
        .misses(&["66~770999:AAcRt1u__B_i~ZDaRC6Rrk-BhiiuclzKkWZ", "66~770999:AAcRt1u__B_iZ~DaRC6Rrk-BhiiuclzKkWZcx"]),
    // Microsoft Teams, Google Chat, Mattermost, Matrix, and those of East Asia.
    behind(
        "value:teams_webhook",
        r"webhook\.office\.com/webhookb2/",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/IncomingWebhook/[0-9a-z]{32}/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .hits(&[
        "web~hook.office.com/webhookb2/«3c1f4778-51ed-c7f7-8b08-92e6655ea5c5@14796692-7ad8-9abf-2f47-8bdb28a0ab7a/Incom~ingWebhook/f05ysmkcelzyxunz4xkgaw1gwrocixsb/a769fc27-123c-fc8f-8510-aaa30e229f1c»",
    ])
    .misses(&[
        "web~hook.office.com/webhookb2/3c1f4778-51ed-c7f7-8b08-92e6655ea5c5@14796692-7ad8-9abf-2f47-8bdb28a0ab7a/Incom~ingWebhook/f05ysmkcelzyxunz4xkgaw1gwrocixsb/a769fc27-123c-fc8f-8510-aaa30e229f1",
        "see 3c1f4778-51ed-c7f7-8b08-92e6655ea5c5@14796692-7ad8-9abf-2f47-8bdb28a0ab7a/Incom~ingWebhook/f05ysmkcelzyxunz4xkgaw1gwrocixsb/a769fc27-123c-fc8f-8510-aaa30e229f1c",
    ]),
    behind(
        "value:google_chat_webhook",
        r"chat\.googleapis\.com/v1/spaces/[\w-]{5,20}/messages\?key=",
        r"[\w-]{30,}(&token=[\w%-]{20,}={0,2})?",
    )
    .hits(&["cha~t.googleapis.com/v1/spaces/d18pn/messages?key=«UmaPH2w-AG0Au9O~_OC_J6TSY1TnSFv»"])
    .misses(&[
        "cha~t.googleapis.com/v1/spaces/d18pn/messages?key=UmaPH2w-AG0Au9O~_OC_J6TSY1TnSF",
        "see UmaPH2w-AG0Au9O~_OC_J6TSY1TnSFv",
    ]),
    named("value:mattermost_token", "(?i)mattermost", "[a-z0-9]{26}")
        .entropy(3.5)
        .hits(&[r#""MA~TTERMOST_SECRET": "«q2vpcypgzp1uu~l6nufswmqk9z3»""#])
        .misses(&[
            r#""MA~TTERMOST_SECRET": "q2vpcypgzp1uu~l6nufswmqk9z""#,
            r#""MA~TTERMOST_SECRET": "2222222222222~2222222222222""#,
            r#""build_id": "q2vpcypgzp1uu~l6nufswmqk9z3""#,
        ]),
    behind("value:mattermost_webhook", r"mattermost[\w.-]{0,60}/hooks/", "[a-z0-9]{26}")
        .entropy(3.0)
        .hits(&["mat~termost.example.org/hooks/«ttum437s9g9t4~ema32vitg09ue»"])
        .misses(&["mat~termost.example.org/hooks/ttum437s9g9t4~ema32vitg09u", "see ttum437s9g9t4~ema32vitg09ue"]),
    token("value:matrix_token", "sy[tr]_[A-Za-z0-9+/]{2,}={0,2}_[A-Za-z]{20}_[A-Za-z0-9]{6}")
        .entropy(3.0)
        .hits(&["sy~t_9H_yVdrssGrj~kPacvcyQpsd_DS3qvt"])
        .misses(&["sy~t_9H_yVdrssGrj~kPacvcyQpsd_DS3qv", "sy~t_9H_yVdrssGrjk~PacvcyQpsd_DS3qvtx"]),
    behind(
        "value:feishu_webhook",
        r"open\.(feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .hits(&["ope~n.feishu.cn/open-apis/bot/v2/hook/«da282a40-d99b-8d2f~-5a48-37dbbbf8789c»"])
    .misses(&[
        "ope~n.feishu.cn/open-apis/bot/v2/hook/da282a40-d99b-8d2f~-5a48-37dbbbf8789",
        "see da282a40-d99b-8d2f~-5a48-37dbbbf8789c",
    ]),
    behind("value:dingtalk_webhook", r"oapi\.dingtalk\.com/robot/send\?access_token=", "[0-9a-f]{64}")
        .hits(&[
            "oap~i.dingtalk.com/robot/send?access_token=«bab6c1be3ff836e969e0988032eecfe5~a805bb1c361c1cbab55a6c1521a16428»",
        ])
        .misses(&[
            "oap~i.dingtalk.com/robot/send?access_token=bab6c1be3ff836e969e0988032eecfe5~a805bb1c361c1cbab55a6c1521a1642",
            "see bab6c1be3ff836e969e0988032eecfe5~a805bb1c361c1cbab55a6c1521a16428",
        ]),
    behind(
        "value:wecom_webhook",
        r"qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .hits(&["qya~pi.weixin.qq.com/cgi-bin/webhook/send?key=«1f4f0f47-693c-f8ab~-a10d-72c65cad1b50»"])
    .misses(&[
        "qya~pi.weixin.qq.com/cgi-bin/webhook/send?key=1f4f0f47-693c-f8ab~-a10d-72c65cad1b5",
        "see 1f4f0f47-693c-f8ab~-a10d-72c65cad1b50",
    ]),
    named(
        "value:line_token",
        "(?i)(line_channel|line_notify|line_access)",
        "([A-Za-z0-9+/]{150,}={0,2}|[A-Za-z0-9]{43}|[0-9a-f]{32})",
    )
    .entropy(3.0)
    .hits(&["line_channel_~secret=«4fd9e3a170~b52c8d64fe09a1b7c35d28»"])
    .misses(&[
        "line_channel_~secret=4fd9e3a170~b52c8d64fe09a1b7c35d2",
        "line_height_~key=4fd9e3a170~b52c8d64fe09a1b7c35d28",
    ]),
    named("value:zoom_secret", "(?i)zoom", "[A-Za-z0-9]{32}")
        .entropy(3.8)
        .hits(&["ZO~OM_API_KEY: «JQ27K1pmV2oEwi6C~H7UU0OvocmDiskR7»"])
        .misses(&[
            "ZO~OM_API_KEY: JQ27K1pmV2oEwi6C~H7UU0OvocmDiskR",
            "ZO~OM_API_KEY: aaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaa",
            "build_id: JQ27K1pmV2oEwi6C~H7UU0OvocmDiskR7",
        ]),
    named(
        "value:webex_token",
        "(?i)(webex|ciscospark)",
        "[A-Za-z0-9]{64}_[A-Za-z0-9]{4}_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .entropy(3.0)
    .hits(&[
        "WE~BEX_TOKEN := '«LYEzUxbGtXNKWoHQwvTUeCUVNgl5PyotUsRF2v3X2LBnP6tNqNl07~JDLomA0sG7i_0aZR_b3c0f49e-1ab4-7386-2941-a07b8bd5588f»'",
    ])
    .misses(&[
        "WE~BEX_TOKEN := 'LYEzUxbGtXNKWoHQwvTUeCUVNgl5PyotUsRF2v3X2LBnP6tNqNl07~JDLomA0sG7i_0aZR_b3c0f49e-1ab4-7386-2941-a07b8bd5588'",
        "build_id := 'LYEzUxbGtXNKWoHQwvTUeCUVNgl5PyotUsRF2v3X2LBnP6tNqNl07~JDLomA0sG7i_0aZR_b3c0f49e-1ab4-7386-2941-a07b8bd5588f'",
    ]),
    // Social networks.
    token("value:facebook_token", "EAA[A-Za-z0-9]{80,}")
        .entropy(3.5)
        .hits(&["EA~A0WKgeopVDZiqikRyYgITIlCOLW6fVjcPzal0Uq~LSd8XwND1lCW2zdByo0Kcr6iYRcLOrvRfKbUNUBJHM"])
        .misses(&[
            "EA~A0WKgeopVDZiqikRyYgITIlCOLW6fVjcPzal0U~qLSd8XwND1lCW2zdByo0Kcr6iYRcLOrvRfKbUNUBJH",
            "EA~A0WKgeopVDZiqikRyYgITIlCOLW6fVjcPzal0Uq~LSd8XwND1lCW2z!dByo0Kcr6iYRcLOrvRfKbUNUBJHM",
        ]),
    named("value:facebook_secret", "(?i)(facebook|meta_app|fb_app|instagram)", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["fa~cebook_token=«db7b109bfcd99bf2~762ac5dcc8650e59»"])
        .misses(&[
            "fa~cebook_token=db7b109bfcd99bf2~762ac5dcc8650e5",
            "fa~cebook_token=1111111111111111~1111111111111111",
            "build_id=db7b109bfcd99bf2~762ac5dcc8650e59",
        ]),
    token("value:instagram_token", r"IG[QA]A?[A-Za-z][\w-]{80,}")
        .entropy(3.5)
        .hits(&["IG~Avjf_0PZRBwYSvHz-9MIv_vNVajkhYVUj98Jg9B~cOhGQeYVH2TeIWa-AL-Slxs-XVkN5TUgoc_vt6N737A"])
        .misses(&[
            "IG~Avjf_0PZRBwYSvHz-9MIv_vNVajkhYVUj98Jg9B~cOhGQeYVH2TeIWa-AL-Slxs-XVkN5TUgoc_vt6N737",
            "IG~Avjf_0PZRBwYSvHz-9MIv_vNVajkhYVUj98Jg9Bc~OhGQeYVH2TeIWa!-AL-Slxs-XVkN5TUgoc_vt6N737A",
        ]),
    token("value:x_bearer_token", "AAAAAAAAAAAAAAAAAAAAA[A-Za-z0-9%]{60,}")
        .entropy(3.0)
        .hits(&["AA~AAAAAAAAAAAAAAAAAAAJVOgORN6PwL5Bc83j47~o8smXRU0cQjOHp03o3bmjMaArClOG6ojEIeIhkbnQ"])
        .misses(&[
            "AA~AAAAAAAAAAAAAAAAAAAJVOgORN6PwL5Bc83j4~7o8smXRU0cQjOHp03o3bmjMaArClOG6ojEIeIhkbn",
            "AA~AAAAAAAAAAAAAAAAAAAJVOgORN6PwL5Bc83j47~o8smXRU0cQjOHp!03o3bmjMaArClOG6ojEIeIhkbnQ",
        ]),
    named("value:x_api_secret", "(?i)(twitter|x_api|x_access)", "([A-Za-z0-9]{50}|[A-Za-z0-9]{45}|[A-Za-z0-9]{25})")
        .entropy(3.8)
        .hits(&[r#""TW~ITTER_API_KEY": "«bnjUs8x6iFFBE2595ZSvuoOVS~UqqznvKuQY9QA6PNd26qGdrk7»""#])
        .misses(&[
            r#""TW~ITTER_API_KEY": "bnjUs8x6iFFBE2595ZSvuoOVS~UqqznvKuQY9QA6PNd26qGdrk""#,
            r#""TW~ITTER_API_KEY": "aaaaaaaaaaaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaaaaaaaaaaa""#,
            r#""build_id": "bnjUs8x6iFFBE2595ZSvuoOVS~UqqznvKuQY9QA6PNd26qGdrk7""#,
        ]),
    named("value:linkedin_secret", "(?i)linked_?in", r"(WPL_AP1\.[A-Za-z0-9]{16}\.[A-Za-z0-9+/]{6}==|[A-Za-z0-9]{16})")
        .entropy(3.0)
        .hits(&[r#""linked~in_client_secret": "«k3Xv9~QwTz61LmPa8»""#])
        .misses(&[r#""linked~in_client_secret": "k3Xv9~QwTz61LmPa""#, r#""linked~in_page": "k3Xv9~QwTz61LmPa8""#]),
    named("value:twitch_token", "(?i)twitch", "[a-z0-9]{30}")
        .entropy(3.5)
        .hits(&["TW~ITCH_API_KEY: «6396m2ablboiien~22dtwv73p9w22ij»"])
        .misses(&[
            "TW~ITCH_API_KEY: 6396m2ablboiien~22dtwv73p9w22i",
            "TW~ITCH_API_KEY: 111111111111111~111111111111111",
            "build_id: 6396m2ablboiien~22dtwv73p9w22ij",
        ]),
    behind("value:twitch_chat_token", "oauth:", "[a-z0-9]{30}")
        .entropy(3.5)
        .check(Check::Mixed)
        .hits(&["oau~th:«pfply38fdjztcoc~9ks24pr1rei0z2k»"])
        .misses(&["oau~th:pfply38fdjztcoc~9ks24pr1rei0z2", "see pfply38fdjztcoc~9ks24pr1rei0z2k"]),
    named("value:reddit_secret", "(?i)reddit", r"[\w-]{27,30}")
        .entropy(3.8)
        .hits(&["RE~DDIT_TOKEN := '«WOj_fyvjZiH-N~Xch42l_3YN58UY»'"])
        .misses(&[
            "RE~DDIT_TOKEN := 'WOj_fyvjZiH-N~Xch42l_3YN58U'",
            "RE~DDIT_TOKEN := 'bbbbbbbbbbbbb~bbbbbbbbbbbbbb'",
            "build_id := 'WOj_fyvjZiH-N~Xch42l_3YN58UY'",
        ]),
    named("value:tiktok_secret", "(?i)tiktok", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["TI~KTOK_SECRET=«4923710737731da033a6~24e6acbf1982cd9b8fa2»"])
        .misses(&[
            "TI~KTOK_SECRET=4923710737731da033a6~24e6acbf1982cd9b8fa",
            "TI~KTOK_SECRET=cccccccccccccccccccc~cccccccccccccccccccc",
            "build_id=4923710737731da033a6~24e6acbf1982cd9b8fa2",
        ]),
    named("value:sendbird_token", "(?i)sendbird", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&[r#""se~ndbird_token": "«4a425da8cc85ccb8e42b~979836b69a6dfe26a8b8»""#])
        .misses(&[
            r#""se~ndbird_token": "4a425da8cc85ccb8e42b~979836b69a6dfe26a8b""#,
            r#""se~ndbird_token": "cccccccccccccccccccc~cccccccccccccccccccc""#,
            r#""build_id": "4a425da8cc85ccb8e42b~979836b69a6dfe26a8b8""#,
        ]),
];
