//! Payment, trade, banking and shipping.

use super::table::{Detector, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    // Stripe: secret and restricted keys, signing secrets of webhooks. Clerk and Paystack write theirs alike.
    token("value:stripe_secret_key", "sk_(live|test)_[A-Za-z0-9]{16,}")
        .entropy(3.0)
        .hits(&["sk~_live_LQtMnAacWItIzJ62"])
        .misses(&["sk~_live_LQtMnAacWItIzJ6", "sk~_live_LQtM~nAac!WItIzJ62"]),
    token("value:stripe_restricted_key", "rk_(live|test)_[A-Za-z0-9]{16,}")
        .entropy(3.0)
        .hits(&["rk~_live_zexRoDUNJ6RZLSwk"])
        .misses(&["rk~_live_zexRoDUNJ6RZLSw", "rk~_live_zexR~oDUN!J6RZLSwk"]),
    token("value:stripe_webhook_secret", "whsec_[A-Za-z0-9+/]{24,}={0,2}")
        .entropy(3.5)
        .hits(&["wh~sec_O10Davt0~N15gVdlAq8rD2bl2"])
        .misses(&["wh~sec_O10Davt0~N15gVdlAq8rD2bl", "wh~sec_O10Davt0N~15gVd!lAq8rD2bl2"]),
    // Square, PayPal and Braintree, Adyen, Plaid.
    token("value:square_access_token", r"EAAA[\w-]{60}")
        .entropy(3.5)
        .hits(&["EA~AATptS69kOr6JE_htgL114zaLCFvT~5gYbOnrMC7KAv6g98iKspFImvV3tpZV5a"])
        .misses(&[
            "EA~AATptS69kOr6JE_htgL114zaLCFvT~5gYbOnrMC7KAv6g98iKspFImvV3tpZV5",
            "EA~AATptS69kOr6JE_htgL114zaLCFvT5~gYbOnrMC7KAv6g98iKspFImvV3tpZV5a7",
        ]),
    token("value:square_legacy_token", r"sq0atp-[\w-]{22}")
        .entropy(3.0)
        .hits(&["sq~0atp-OcvgFn2~LAsmt2cmi_trGr9"])
        .misses(&["sq~0atp-OcvgFn~2LAsmt2cmi_trGr", "sq~0atp-OcvgFn2~LAsmt2cmi_trGr9x"]),
    token("value:square_secret", r"sq0csp-[\w-]{43}")
        .entropy(3.5)
        .hits(&["sq~0csp-Ld6KQZZumv_dgj5ho~HzkTirq0b-zWW-AnG1PXr2xxOV"])
        .misses(&[
            "sq~0csp-Ld6KQZZumv_dgj5ho~HzkTirq0b-zWW-AnG1PXr2xxO",
            "sq~0csp-Ld6KQZZumv_dgj5hoH~zkTirq0b-zWW-AnG1PXr2xxOV0",
        ]),
    token("value:braintree_token", r"access_token\$(production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["ac~cess_token$production$mlee8qxew4rr~8xgg$d2aa9dd1085ac498e2e2393cc3ea3379"])
        .misses(&[
            "ac~cess_token$production$mlee8qxew4r~r8xgg$d2aa9dd1085ac498e2e2393cc3ea337",
            "ac~cess_token$production$mlee8qxew4rr~8xgg$d2aa9dd1085ac498e2e2393cc3ea3379x",
        ]),
    named("value:braintree_private_key", "(?i)braintree", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["br~aintree_api_key: «f1f924e6bf533f12~8b6c2847606fb0d6»"])
        .misses(&[
            "br~aintree_api_key: f1f924e6bf533f12~8b6c2847606fb0d",
            "br~aintree_api_key: 1111111111111111~1111111111111111",
            "build_id: f1f924e6bf533f12~8b6c2847606fb0d6",
        ]),
    named("value:paypal_secret", "(?i)(paypal|pp_client)", r"E[\w-]{79}")
        .entropy(4.0)
        .hits(&[
            "PA~YPAL_API_TOKEN := '«E-lgvHf4SVV0-D_7DqugBbwN5oqbDdoejYV0Zy8v~81lp7U1adOG5za4LNOPcRnuJGyl0MvrQE_KjPWQc»'",
        ])
        .misses(&[
            "PA~YPAL_API_TOKEN := 'E-lgvHf4SVV0-D_7DqugBbwN5oqbDdoejYV0Zy8v~81lp7U1adOG5za4LNOPcRnuJGyl0MvrQE_KjPWQ'",
            "build_id := 'E-lgvHf4SVV0-D_7DqugBbwN5oqbDdoejYV0Zy8v~81lp7U1adOG5za4LNOPcRnuJGyl0MvrQE_KjPWQc'",
        ]),
    token("value:adyen_key", r"AQE[a-z]h[mn][fLD][\w+/-]{60,}={0,2}(-[A-Za-z0-9+/]{30,}={0,2}-[\w,.<>{}^()$!*]{16})?")
        .entropy(3.5)
        .hits(&["AQ~ErhnfE1z3TM9Oef3iPYTwnTm1HJ_X-g~gE0yBwYirA6l5wj-y8f_mC7XJbbWycr9LS"])
        .misses(&[
            "AQ~ErhnfE1z3TM9Oef3iPYTwnTm1HJ_X-~ggE0yBwYirA6l5wj-y8f_mC7XJbbWycr9L",
            "AQ~ErhnfE1z3TM9Oef3iPYTwnTm1HJ_X-g~gE0yBwYirA6!l5wj-y8f_mC7XJbbWycr9LS",
        ]),
    token(
        "value:plaid_access_token",
        "access-(sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .hits(&["ac~cess-sandbox-578d4fc1-f~d7e-9fc4-cf63-6f26c565fd33"])
    .misses(&[
        "ac~cess-sandbox-578d4fc1-~fd7e-9fc4-cf63-6f26c565fd3",
        "ac~cess-sandbox-578d4fc1-f~d7e-9fc4-cf63-6f26c565fd330",
    ]),
    named("value:plaid_secret", "(?i)plaid", "[0-9a-f]{30}")
        .entropy(3.0)
        .hits(&["pl~aid_token=«ace436fc677da2d~21f0e051066f865»"])
        .misses(&[
            "pl~aid_token=ace436fc677da2d~21f0e051066f86",
            "pl~aid_token=ccccccccccccccc~ccccccccccccccc",
            "build_id=ace436fc677da2d~21f0e051066f865",
        ]),
    // Shopify.
    token("value:shopify_access_token", "shpat_[0-9A-Fa-f]{32}")
        .entropy(3.0)
        .hits(&["sh~pat_Ebcd94BdB7f6~9A0a1bBba8e0005a0FBd"])
        .misses(&["sh~pat_Ebcd94BdB7f6~9A0a1bBba8e0005a0FB", "sh~pat_Ebcd94BdB7f69~A0a1bBba8e0005a0FBdx"]),
    token("value:shopify_custom_app_token", "shpca_[0-9A-Fa-f]{32}")
        .entropy(3.0)
        .hits(&["sh~pca_Fd70ebd4fFE0~2aF27Ab81a534A94CBEE"])
        .misses(&["sh~pca_Fd70ebd4fFE0~2aF27Ab81a534A94CBE", "sh~pca_Fd70ebd4fFE02~aF27Ab81a534A94CBEE7"]),
    token("value:shopify_private_app_password", "shppa_[0-9A-Fa-f]{32}")
        .entropy(3.0)
        .hits(&["sh~ppa_6936bcB13f8F~8cddF01336CD61AE6FFE"])
        .misses(&["sh~ppa_6936bcB13f8F~8cddF01336CD61AE6FF", "sh~ppa_6936bcB13f8F8~cddF01336CD61AE6FFEa"]),
    token("value:shopify_shared_secret", "shpss_[0-9A-Fa-f]{32}")
        .entropy(3.0)
        .hits(&["sh~pss_F0AB42598144~C5fEBaF3E5C4aE0cDfB6"])
        .misses(&["sh~pss_F0AB42598144~C5fEBaF3E5C4aE0cDfB", "sh~pss_F0AB42598144C~5fEBaF3E5C4aE0cDfB6a"]),
    // Others around the world.
    token("value:razorpay_key", "rzp_(live|test)_[A-Za-z0-9]{14}")
        .entropy(2.8)
        .hits(&["rz~p_live_Q2zhiDP6kEXZVl"])
        .misses(&["rz~p_live_Q2zhiDP6kEXZV", "rz~p_live_Q2zhiDP6kEXZVlx"]),
    named("value:razorpay_secret", "(?i)razorpay", "[A-Za-z0-9]{24}")
        .entropy(3.5)
        .hits(&[r#""ra~zorpay_api_token": "«R93PlrPMlSFI~XMH2AeW0GROE»""#])
        .misses(&[
            r#""ra~zorpay_api_token": "R93PlrPMlSFI~XMH2AeW0GRO""#,
            r#""ra~zorpay_api_token": "333333333333~333333333333""#,
            r#""build_id": "R93PlrPMlSFI~XMH2AeW0GROE""#,
        ]),
    token("value:flutterwave_key", "FLWSECK(_TEST)?-[0-9a-zA-Z]{32}-X")
        .entropy(3.0)
        .hits(&["FL~WSECK-yp6CGvVHcS6X~h3g8KARFJo77oBnGApQZ-X"])
        .misses(&["FL~WSECK-yp6CGvVHcS6X~h3g8KARFJo77oBnGApQZ-", "FL~WSECK-yp6CGvVHcS6Xh~3g8KARFJo77oBnGApQZ-Xx"]),
    token("value:mercadopago_token", "APP_USR-[0-9]{13,16}-[0-9]{6}-[0-9a-f]{32}-[0-9]{5,12}")
        .entropy(3.0)
        .hits(&["AP~P_USR-0609474396543-947560-027f~6a6515731e6710412d24de88015e-92550"])
        .misses(&[
            "AP~P_USR-0609474396543-947560-027~f6a6515731e6710412d24de88015e-9255",
            "AP~P_USR-0609474396543-947560-027f~6a6515731e6!710412d24de88015e-92550",
        ]),
    token("value:xendit_key", "xnd_(production|development)_[A-Za-z0-9]{40,}")
        .entropy(3.5)
        .hits(&["xn~d_production_XmKWslhdE7b7~9bD3Yhv0y6n95Frg8XsHqijhzEuo"])
        .misses(&[
            "xn~d_production_XmKWslhdE7b~79bD3Yhv0y6n95Frg8XsHqijhzEu",
            "xn~d_production_XmKWslhdE7b7~9bD3Yhv0y!6n95Frg8XsHqijhzEuo",
        ]),
    token("value:paddle_key", "pdl_(live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}")
        .entropy(3.5)
        .hits(&["pd~l_live_apikey_fdcsp5se31t4cdlyv6~kuu0ggl9_628t9kl5R8DYVpmvBwp3do_ntL"])
        .misses(&[
            "pd~l_live_apikey_fdcsp5se31t4cdlyv~6kuu0ggl9_628t9kl5R8DYVpmvBwp3do_nt",
            "pd~l_live_apikey_fdcsp5se31t4cdlyv6~kuu0ggl9_628t9kl5R8DYVpmvBwp3do_ntL7",
        ]),
    token("value:polar_token", "polar_[a-z]{2,4}_[A-Za-z0-9]{32,}")
        .entropy(3.5)
        .hits(&["po~lar_qg_0TE1TNyPrwp~ymJkoWUjiwZXGG5l0gb2n"])
        .misses(&["po~lar_qg_0TE1TNyPrw~pymJkoWUjiwZXGG5l0gb2", "po~lar_qg_0TE1TNyPrwp~ymJkoWU!jiwZXGG5l0gb2n"]),
    token("value:klarna_key", "klarna_(live|test|prod)_api_[A-Za-z0-9+/_-]{24,}={0,2}")
        .entropy(3.0)
        .hits(&["kl~arna_live_api_hgE~f2SJ_6sPXW86hAPC3PA4E"])
        .misses(&["kl~arna_live_api_hgE~f2SJ_6sPXW86hAPC3PA4", "kl~arna_live_api_hgEf~2SJ_6s!PXW86hAPC3PA4E"]),
    named("value:gocardless_token", "(?i)gocardless", r"(live|sandbox)_[\w-]{40}")
        .entropy(3.8)
        .hits(&["go~cardless_secret: «live_TIrL2h-y-IjkJevT-~G2DAt52Ue9-FoYbKBZ0LVJ9»"])
        .misses(&[
            "go~cardless_secret: live_TIrL2h-y-IjkJevT-~G2DAt52Ue9-FoYbKBZ0LVJ",
            "build_id: live_TIrL2h-y-IjkJevT-~G2DAt52Ue9-FoYbKBZ0LVJ9",
        ]),
    named("value:checkout_key", "(?i)(checkout|cko)", "sk_(sbox_)?[a-z2-7]{26}[a-z2-7*#$=]")
        .entropy(3.3)
        .hits(&["CH~ECKOUT_TOKEN := '«sk_ij4wmrs7e2gd~qjgfp4xdcroqd2m»'"])
        .misses(&[
            "CH~ECKOUT_TOKEN := 'sk_ij4wmrs7e2gd~qjgfp4xdcroqd2'",
            "build_id := 'sk_ij4wmrs7e2gd~qjgfp4xdcroqd2m'",
        ]),
    named("value:coinbase_key", "(?i)coinbase", "[A-Za-z0-9]{32,64}")
        .entropy(3.8)
        .hits(&["CO~INBASE_SECRET=«L1eJt6pU3uaKX52i~0xbNBfNQnQde3TuQ»"])
        .misses(&[
            "CO~INBASE_SECRET=L1eJt6pU3uaKX52i~0xbNBfNQnQde3Tu",
            "CO~INBASE_SECRET=bbbbbbbbbbbbbbbb~bbbbbbbbbbbbbbbb",
            "build_id=L1eJt6pU3uaKX52i~0xbNBfNQnQde3TuQ",
        ]),
    named("value:binance_key", "(?i)binance", "[A-Za-z0-9]{64}")
        .entropy(4.0)
        .hits(&[r#""bi~nance_api_key": "«BV8qb1Rgn1KIKVKTv7qFsRnAncPJEOFp~j3QOFeu4iiVpM7E7u0yuXjlbiAWmdUeT»""#])
        .misses(&[
            r#""bi~nance_api_key": "BV8qb1Rgn1KIKVKTv7qFsRnAncPJEOFp~j3QOFeu4iiVpM7E7u0yuXjlbiAWmdUe""#,
            r#""bi~nance_api_key": "11111111111111111111111111111111~11111111111111111111111111111111""#,
            r#""build_id": "BV8qb1Rgn1KIKVKTv7qFsRnAncPJEOFp~j3QOFeu4iiVpM7E7u0yuXjlbiAWmdUeT""#,
        ]),
    named("value:kraken_key", "(?i)kraken", "([A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{56})")
        .entropy(4.0)
        .hits(&[
            "KR~AKEN_SECRET: «IQWnnnq7boUdXhXrWiHp86OExQhx4eHhIjlZESTGYH9i~qAZzXk3lG5QT4TsAkudDOxCaYMbMAQY7RZWMarBo97==»",
        ])
        .misses(&[
            "KR~AKEN_SECRET: IQWnnnq7boUdXhXrWiHp86OExQhx4eHhIjlZESTGYH9i~qAZzXk3lG5QT4TsAkudDOxCaYMbMAQY7RZWMarBo97=",
            "build_id: IQWnnnq7boUdXhXrWiHp86OExQhx4eHhIjlZESTGYH9i~qAZzXk3lG5QT4TsAkudDOxCaYMbMAQY7RZWMarBo97==",
        ]),
    named(
        "value:wise_token",
        "(?i)(wise_|transferwise)",
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    )
    .entropy(3.0)
    .hits(&["wi~se_secret := '«28b1ec43-1acc-b0f7~-bd64-03cdb35d62c8»'"])
    .misses(&[
        "wi~se_secret := '28b1ec43-1acc-b0f7~-bd64-03cdb35d62c'",
        "build_id := '28b1ec43-1acc-b0f7~-bd64-03cdb35d62c8'",
    ]),
    named("value:recurly_key", "(?i)recurly", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["RE~CURLY_SECRET=«cb009eb15862b121~fd29e06f06f41883»"])
        .misses(&[
            "RE~CURLY_SECRET=cb009eb15862b121~fd29e06f06f4188",
            "RE~CURLY_SECRET=cccccccccccccccc~cccccccccccccccc",
            "build_id=cb009eb15862b121~fd29e06f06f41883",
        ]),
    named("value:chargebee_key", "(?i)chargebee", "(live|test)_[A-Za-z0-9]{32,}")
        .entropy(3.8)
        .hits(&[r#""CH~ARGEBEE_SECRET": "«live_xDsGfNeaIMIwt~w9PEP2frFEZ61HfdCYz»""#])
        .misses(&[
            r#""CH~ARGEBEE_SECRET": "live_xDsGfNeaIMIwt~w9PEP2frFEZ61HfdCY""#,
            r#""build_id": "live_xDsGfNeaIMIwt~w9PEP2frFEZ61HfdCYz""#,
        ]),
    token("value:easypost_key", "EZ[AT]K[A-Za-z0-9]{54}")
        .entropy(3.8)
        .hits(&["EZ~AK9q2qhotikUGiN6vYFRuWgrRw~9YIC9uJDkGeduhmkNgAGkqPc7lobPd"])
        .misses(&[
            "EZ~AK9q2qhotikUGiN6vYFRuWgrRw~9YIC9uJDkGeduhmkNgAGkqPc7lobP",
            "EZ~AK9q2qhotikUGiN6vYFRuWgrRw9~YIC9uJDkGeduhmkNgAGkqPc7lobPdx",
        ]),
    token("value:shippo_token", "shippo_(live|test)_[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["sh~ippo_live_f882c0b05b195~6a612128abbea87e317c9b2b122"])
        .misses(&[
            "sh~ippo_live_f882c0b05b195~6a612128abbea87e317c9b2b12",
            "sh~ippo_live_f882c0b05b1956~a612128abbea87e317c9b2b1227",
        ]),
    named("value:lob_key", "(?i)lob_", "(live|test)_[0-9a-f]{35}")
        .entropy(3.0)
        .hits(&["LO~B_TOKEN: «live_b16d32840cee21e~bb4f309afac2759a6aa8»"])
        .misses(&[
            "LO~B_TOKEN: live_b16d32840cee21e~bb4f309afac2759a6aa",
            "build_id: live_b16d32840cee21e~bb4f309afac2759a6aa8",
        ]),
    token("value:duffel_token", r"duffel_(live|test)_[\w-]{43}")
        .entropy(3.8)
        .hits(&["du~ffel_live_4705ao-9KoC1b3K~AZTTc4D4JfvPPiSFX91ssk-6FyR2"])
        .misses(&[
            "du~ffel_live_4705ao-9KoC1b3~KAZTTc4D4JfvPPiSFX91ssk-6FyR",
            "du~ffel_live_4705ao-9KoC1b3K~AZTTc4D4JfvPPiSFX91ssk-6FyR27",
        ]),
    token("value:mollie_key", "live_[A-Za-z0-9]{30,}")
        .entropy(3.8)
        .hits(&["li~ve_sB4lGMifM8OT~uNz3QuLp5LJLaHsEcZ"])
        .misses(&["li~ve_sB4lGMifM8O~TuNz3QuLp5LJLaHsEc", "li~ve_sB4lGMifM8OT~uNz3Qu!Lp5LJLaHsEcZ"]),
    token("value:amazon_pay_token", r"Atzr\|[\w-]{80,}")
        .entropy(3.5)
        .hits(&["At~zr|ImLh_rFGMUVnXKXuVH_uwSj-T3D6Y-_46BHEU~79UBnleUWmUyBc1iyZyuG-slUMeBSDePtfIiwRbBRT8"])
        .misses(&[
            "At~zr|ImLh_rFGMUVnXKXuVH_uwSj-T3D6Y-_46BHE~U79UBnleUWmUyBc1iyZyuG-slUMeBSDePtfIiwRbBRT",
            "At~zr|ImLh_rFGMUVnXKXuVH_uwSj-T3D6Y-_46BHEU~79UBnleUWmUyBc!1iyZyuG-slUMeBSDePtfIiwRbBRT8",
        ]),
];
