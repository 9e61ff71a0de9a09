//! Mail, text messages, calls and push.

use super::check::Check;
use super::table::{Detector, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    token("value:sendgrid_key", r"SG\.[\w-]{22}\.[\w-]{43}")
        .entropy(3.5)
        .hits(&["SG~.Ow6XMIJkLc-3-fC5XKuqo7._0U6TQ0m~UGMPXjUpbpKh2yCO2rG15_AwScQ84tsaaZm"])
        .misses(&[
            "SG~.Ow6XMIJkLc-3-fC5XKuqo7._0U6TQ0~mUGMPXjUpbpKh2yCO2rG15_AwScQ84tsaaZ",
            "SG~.Ow6XMIJkLc-3-fC5XKuqo7._0U6TQ0m~UGMPXjUpbpKh2yCO2rG15_AwScQ84tsaaZm0",
        ]),
    token("value:mailgun_key", "key-[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["ke~y-20ab51d6129da~5d5ba5ba3565231a454"])
        .misses(&["ke~y-20ab51d6129da~5d5ba5ba3565231a45", "ke~y-20ab51d6129da5~d5ba5ba3565231a454a"]),
    named("value:mailgun_signing_key", "(?i)mailgun", "[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}")
        .entropy(3.0)
        .hits(&["ma~ilgun_api_token := '«76917904ead389ffc4d911a64~7a0db79-55905a65-6612812e»'"])
        .misses(&[
            "ma~ilgun_api_token := '76917904ead389ffc4d911a64~7a0db79-55905a65-6612812'",
            "build_id := '76917904ead389ffc4d911a64~7a0db79-55905a65-6612812e'",
        ]),
    named("value:mailchimp_key", "(?i)mail_?chimp", "[0-9a-f]{32}-us[0-9]{1,2}")
        .entropy(3.0)
        .hits(&["MA~ILCHIMP_API_TOKEN=«c450a047dbddcf5806~beb04fbdd8efa2-us8»"])
        .misses(&[
            "MA~ILCHIMP_API_TOKEN=c450a047dbddcf5806~beb04fbdd8efa2-us",
            "build_id=c450a047dbddcf5806~beb04fbdd8efa2-us8",
        ]),
    token("value:mandrill_key", r"md-[\w-]{22}")
        .entropy(3.5)
        .check(Check::Mixed)
        .hits(&["md~-4mzXZuAul~TQVqFY9T55_63"])
        .misses(&["md~-4mzXZuAulTQVqFY9T55_6", "md~-4mzXZuAul~TQVqFY9T55_63a"]),
    token("value:brevo_key", "xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}")
        .entropy(3.0)
        .hits(&["xk~eysib-cf49893a35be7f323688e8a8d209868f708a~12b669fdea945b6f10dd8e54277f-zT7ER1N3TSt6C4h3"])
        .misses(&[
            "xk~eysib-cf49893a35be7f323688e8a8d209868f708~a12b669fdea945b6f10dd8e54277f-zT7ER1N3TSt6C4h",
            "xk~eysib-cf49893a35be7f323688e8a8d209868f708a~12b669fdea945b6f10dd8e54277f-zT7ER1N3TSt6C4h37",
        ]),
    token("value:brevo_smtp_key", "xsmtpsib-[0-9a-f]{64}-[A-Za-z0-9]{16}")
        .entropy(3.0)
        .hits(&["xs~mtpsib-a267b2523a0de59b6784a3f87c1b6b724a6~bd6723f4811ec5ad9f35ea9df5e9a-vaP87RiMlB5rhAiL"])
        .misses(&[
            "xs~mtpsib-a267b2523a0de59b6784a3f87c1b6b724a6~bd6723f4811ec5ad9f35ea9df5e9a-vaP87RiMlB5rhAi",
            "xs~mtpsib-a267b2523a0de59b6784a3f87c1b6b724a6b~d6723f4811ec5ad9f35ea9df5e9a-vaP87RiMlB5rhAiLa",
        ]),
    token("value:resend_key", "re_[A-Za-z0-9]{7,9}_[A-Za-z0-9]{22,26}")
        .entropy(3.3)
        .hits(&["re~_7uYL8Ox_85Gae~YFz7W1Uic7JvMXYk0"])
        .misses(&["re~_7uYL8Ox_85Ga~eYFz7W1Uic7JvMXYk", "re~_7uYL8Ox_85Gae~YFz7W1!Uic7JvMXYk0"]),
    named("value:postmark_token", "(?i)postmark", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
        .entropy(3.0)
        .hits(&[r#""po~stmark_api_token": "«9c1db0c6-06e5-24f3~-555c-ae095722ad32»""#])
        .misses(&[
            r#""po~stmark_api_token": "9c1db0c6-06e5-24f3~-555c-ae095722ad3""#,
            r#""build_id": "9c1db0c6-06e5-24f3~-555c-ae095722ad32""#,
        ]),
    named("value:sparkpost_key", "(?i)sparkpost", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["sp~arkpost_secret: «b9f61a2021e864e9bf8e~567b1347bf65ac2b9355»"])
        .misses(&[
            "sp~arkpost_secret: b9f61a2021e864e9bf8e~567b1347bf65ac2b935",
            "sp~arkpost_secret: aaaaaaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaaaaaa",
            "build_id: b9f61a2021e864e9bf8e~567b1347bf65ac2b9355",
        ]),
    token("value:mailersend_token", r"mlsn\.[0-9a-f]{64}")
        .entropy(3.0)
        .hits(&["ml~sn.9bcf300057dcf00c893ae5ef2e70f~0c0522078a814fad565d7e51e6a6210913a"])
        .misses(&[
            "ml~sn.9bcf300057dcf00c893ae5ef2e70~f0c0522078a814fad565d7e51e6a6210913",
            "ml~sn.9bcf300057dcf00c893ae5ef2e70f~0c0522078a814fad565d7e51e6a6210913a0",
        ]),
    named("value:mailjet_key", "(?i)mailjet", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["MA~ILJET_API_KEY := '«77359cba2bfc0b8d~4cb7403735c17ac2»'"])
        .misses(&[
            "MA~ILJET_API_KEY := '77359cba2bfc0b8d~4cb7403735c17ac'",
            "MA~ILJET_API_KEY := '3333333333333333~3333333333333333'",
            "build_id := '77359cba2bfc0b8d~4cb7403735c17ac2'",
        ]),
    token("value:klaviyo_key", "pk_[0-9a-f]{34}")
        .entropy(3.0)
        .hits(&["pk~_fdcd4cc4f36e9d0~113782fe2fd2f977e23"])
        .misses(&["pk~_fdcd4cc4f36e9d~0113782fe2fd2f977e2", "pk~_fdcd4cc4f36e9d0~113782fe2fd2f977e23a"]),
    token("value:courier_key", "pk_(prod|test)_[A-Z0-9]{28}")
        .entropy(3.0)
        .hits(&["pk~_prod_J82ZGZX63~716XU7YZ3BBWFPAAHEL"])
        .misses(&["pk~_prod_J82ZGZX63~716XU7YZ3BBWFPAAHE", "pk~_prod_J82ZGZX637~16XU7YZ3BBWFPAAHELx"]),
    named("value:customerio_key", r"(?i)customer_?\.?io", "([0-9a-f]{32}|[0-9a-f]{20})")
        .entropy(3.0)
        .hits(&["CU~STOMERIO_API_KEY=«010181c981ed9d86~202210de606095cd»"])
        .misses(&[
            "CU~STOMERIO_API_KEY=010181c981ed9d86~202210de606095c",
            "CU~STOMERIO_API_KEY=aaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaa",
            "build_id=010181c981ed9d86~202210de606095cd",
        ]),
    token("value:smtp2go_key", "api-[0-9A-F]{32}")
        .entropy(3.0)
        .hits(&["ap~i-C910C6FB0168F~2FC944B2A8CF0D4EA81"])
        .misses(&["ap~i-C910C6FB0168F~2FC944B2A8CF0D4EA8", "ap~i-C910C6FB0168F2~FC944B2A8CF0D4EA81a"]),
    named("value:elastic_email_key", "(?i)elastic_?email", "[0-9A-F]{64,96}")
        .entropy(3.0)
        .hits(&[r#""EL~ASTICEMAIL_API_TOKEN": "«75080316E396C5655925282AFA7667EB~992456CDBC68D52D3B207FD7B717D236»""#])
        .misses(&[
            r#""EL~ASTICEMAIL_API_TOKEN": "75080316E396C5655925282AFA7667EB~992456CDBC68D52D3B207FD7B717D23""#,
            r#""EL~ASTICEMAIL_API_TOKEN": "22222222222222222222222222222222~22222222222222222222222222222222""#,
            r#""build_id": "75080316E396C5655925282AFA7667EB~992456CDBC68D52D3B207FD7B717D236""#,
        ]),
    // Text messages and calls.
    token("value:twilio_key", "SK[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["SK~af5370f2800f6a~3476c419993c03f14b"])
        .misses(&["SK~af5370f2800f6a~3476c419993c03f14", "SK~af5370f2800f6a3~476c419993c03f14ba"]),
    named("value:twilio_token", "(?i)twilio", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["TW~ILIO_TOKEN: «e1367ab9b2b8a9ad~05fb6037539ee7be»"])
        .misses(&[
            "TW~ILIO_TOKEN: e1367ab9b2b8a9ad~05fb6037539ee7b",
            "TW~ILIO_TOKEN: 2222222222222222~2222222222222222",
            "build_id: e1367ab9b2b8a9ad~05fb6037539ee7be",
        ]),
    named("value:vonage_secret", "(?i)(vonage|nexmo)", "[A-Za-z0-9]{16}")
        .entropy(3.0)
        .hits(&["vo~nage_secret := '«GvKHncF0~BGISfuo5»'"])
        .misses(&[
            "vo~nage_secret := 'GvKHncF0~BGISfuo'",
            "vo~nage_secret := '33333333~33333333'",
            "build_id := 'GvKHncF0~BGISfuo5'",
        ]),
    named("value:messagebird_key", "(?i)message_?bird", "[A-Za-z0-9]{25}")
        .entropy(3.5)
        .hits(&["me~ssagebird_secret=«6pDF2ZpLyfGS~usWyzkFs3sSlK»"])
        .misses(&[
            "me~ssagebird_secret=6pDF2ZpLyfGS~usWyzkFs3sSl",
            "me~ssagebird_secret=bbbbbbbbbbbb~bbbbbbbbbbbbb",
            "build_id=6pDF2ZpLyfGS~usWyzkFs3sSlK",
        ]),
    token("value:telnyx_key", "KEY[0-9A-F]{32}_[A-Za-z0-9]{22}")
        .entropy(3.0)
        .hits(&["KE~YBD9AC025409457A7D80F83ADA~4F303A3_qvyal8ZuZvSnpMtiiD5bie"])
        .misses(&[
            "KE~YBD9AC025409457A7D80F83ADA~4F303A3_qvyal8ZuZvSnpMtiiD5bi",
            "KE~YBD9AC025409457A7D80F83ADA4~F303A3_qvyal8ZuZvSnpMtiiD5bie0",
        ]),
    named("value:plivo_token", "(?i)plivo", "[A-Za-z0-9]{40}")
        .entropy(3.8)
        .hits(&[r#""pl~ivo_api_token": "«VuMkYr6uP1phJZZK8ARr~8rewSyGXnFRicsk3CZ56»""#])
        .misses(&[
            r#""pl~ivo_api_token": "VuMkYr6uP1phJZZK8ARr~8rewSyGXnFRicsk3CZ5""#,
            r#""pl~ivo_api_token": "bbbbbbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbbbbbb""#,
            r#""build_id": "VuMkYr6uP1phJZZK8ARr~8rewSyGXnFRicsk3CZ56""#,
        ]),
    named("value:sinch_token", "(?i)sinch", "([0-9a-f]{32}|[A-Za-z0-9+/]{22}==)")
        .entropy(3.0)
        .hits(&["si~nch_api_token: «b4f3b8bc9813e976~df5733bae0c0a030»"])
        .misses(&[
            "si~nch_api_token: b4f3b8bc9813e976~df5733bae0c0a03",
            "si~nch_api_token: aaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaa",
            "build_id: b4f3b8bc9813e976~df5733bae0c0a030",
        ]),
    named("value:bandwidth_token", "(?i)bandwidth", "[0-9a-f]{48}")
        .entropy(3.0)
        .hits(&["ba~ndwidth_token := '«0794cafb36c7c9a21fc912a4~c15061795c73a8dbf4a957e1»'"])
        .misses(&[
            "ba~ndwidth_token := '0794cafb36c7c9a21fc912a4~c15061795c73a8dbf4a957e'",
            "ba~ndwidth_token := 'aaaaaaaaaaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaaaaaaaaaa'",
            "build_id := '0794cafb36c7c9a21fc912a4~c15061795c73a8dbf4a957e1'",
        ]),
    // Push.
    token("value:fcm_server_key", r"AAAA[\w-]{7}:APA91b[\w-]{134}")
        .entropy(3.5)
        .hits(&[
            "AA~AA_75deIm:APA91b__9eYG9_rhwv3Q2ONvYEBDkLUsu_BESY7sARgj3l1_K0-87OT3dxsKH_q~11-0_d-juNmGQbZw7TwSRDgD3Kds3wEp-CoJV6YS_tdEfnd85NtWdv0V9rM6x88Qzv_OG__KnJPvk",
        ])
        .misses(&[
            "AA~AA_75deIm:APA91b__9eYG9_rhwv3Q2ONvYEBDkLUsu_BESY7sARgj3l1_K0-87OT3dxsKH_q~11-0_d-juNmGQbZw7TwSRDgD3Kds3wEp-CoJV6YS_tdEfnd85NtWdv0V9rM6x88Qzv_OG__KnJPv",
            "AA~AA_75deIm:APA91b__9eYG9_rhwv3Q2ONvYEBDkLUsu_BESY7sARgj3l1_K0-87OT3dxsKH_q1~1-0_d-juNmGQbZw7TwSRDgD3Kds3wEp-CoJV6YS_tdEfnd85NtWdv0V9rM6x88Qzv_OG__KnJPvk0",
        ]),
    token("value:onesignal_key", "os_v2_(app|org)_[a-z2-7]{100,}")
        .entropy(3.5)
        .hits(&[
            "os~_v2_app_hyxyyg456nkbg3mkqlyo52ie5sijiuuw3ufrir2ms3lq~ljivqakhalvah44xnbcpwvx7klsc7rtmols4kpa3cfzf2jiy6ktteqlb",
        ])
        .misses(&[
            "os~_v2_app_hyxyyg456nkbg3mkqlyo52ie5sijiuuw3ufrir2ms3lq~ljivqakhalvah44xnbcpwvx7klsc7rtmols4kpa3cfzf2jiy6ktteql",
            "os~_v2_app_hyxyyg456nkbg3mkqlyo52ie5sijiuuw3ufrir2ms3lql~jivqakhalvah44xnbc!pwvx7klsc7rtmols4kpa3cfzf2jiy6ktteqlb",
        ]),
    named("value:pushover_key", "(?i)pushover", "[A-Za-z0-9]{30}")
        .entropy(3.5)
        .hits(&["pu~shover_token=«vUzVMe7I8lEohx7~pnmM9wSLbJU3aFZ»"])
        .misses(&[
            "pu~shover_token=vUzVMe7I8lEohx7~pnmM9wSLbJU3aF",
            "pu~shover_token=222222222222222~222222222222222",
            "build_id=vUzVMe7I8lEohx7~pnmM9wSLbJU3aFZ",
        ]),
    named("value:pusher_secret", "(?i)pusher", "[0-9a-f]{20}")
        .entropy(3.0)
        .hits(&[r#""pu~sher_api_token": "«be122ea78f~8cd38d37d1»""#])
        .misses(&[
            r#""pu~sher_api_token": "be122ea78f~8cd38d37d""#,
            r#""pu~sher_api_token": "2222222222~2222222222""#,
            r#""build_id": "be122ea78f~8cd38d37d1""#,
        ]),
    named("value:ably_key", "(?i)ably", r"[\w-]{6,8}\.[\w-]{6}:[\w-]{22,43}")
        .entropy(3.5)
        .hits(&["AB~LY_SECRET: «1FmJ-Q.K_7CMk:5zlr~PJN3TNyNcL9hproTsL»"])
        .misses(&[
            "AB~LY_SECRET: 1FmJ-Q.K_7CMk:5zlr~PJN3TNyNcL9hproTs",
            "build_id: 1FmJ-Q.K_7CMk:5zlr~PJN3TNyNcL9hproTsL",
        ]),
];
