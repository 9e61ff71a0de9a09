//! Package registries and stores of artifacts.

use super::check::Check;
use super::table::{Detector, behind, named, token};

pub(super) const DETECTORS: &[Detector] = &[
    token("value:npm_token", "npm_[A-Za-z0-9]{36}")
        .entropy(3.5)
        .hits(&["np~m_qOAylf9ZHsn3bfP~mmNN7XyB8O9789DB7QrTp"])
        .misses(&["np~m_qOAylf9ZHsn3bfP~mmNN7XyB8O9789DB7QrT", "np~m_qOAylf9ZHsn3bfPm~mNN7XyB8O9789DB7QrTpx"]),
    behind("value:npmrc_auth", r#"(:|npm_config_)_(authToken|auth|password)\s?=\s?["']?"#, r"[\w+/-]{16,}={0,2}")
        .entropy(3.0)
        .hits(&[":_a~uthToken=«_JbNf4gC~YWr38svS»"])
        .misses(&[
            "npm~rc=8qT4vWm2~KpX9rBz6Lc",
            "client_auth = ClientAuthDetails~ForTheServer",
            ":_authTo~ken=${NPM_TO~KEN}",
        ]),
    token("value:pypi_token", r"pypi-AgEIcHlwaS5vcmc[\w-]{50,}")
        .entropy(3.5)
        .hits(&["py~pi-AgEIcHlwaS5vcmcqd-BtTcuRokjpi~X7aews5K5GuVcNDheLkECWqHLE-Vn9tI6kHB"])
        .misses(&[
            "py~pi-AgEIcHlwaS5vcmcqd-BtTcuRokjpi~X7aews5K5GuVcNDheLkECWqHLE-Vn9tI6kH",
            "py~pi-AgEIcHlwaS5vcmcqd-BtTcuRokjpiX~7aews5K5GuV!cNDheLkECWqHLE-Vn9tI6kHB",
        ]),
    token("value:testpypi_token", r"pypi-AgENdGVzdC5weXBpLm9yZw[\w-]{50,}")
        .entropy(3.5)
        .hits(&["py~pi-AgENdGVzdC5weXBpLm9yZwCgSUeU-Dmvc~KDuNie1qlqpBEGU2r2jb8GzYm9_X4OGxajFN_us"])
        .misses(&[
            "py~pi-AgENdGVzdC5weXBpLm9yZwCgSUeU-Dmv~cKDuNie1qlqpBEGU2r2jb8GzYm9_X4OGxajFN_u",
            "py~pi-AgENdGVzdC5weXBpLm9yZwCgSUeU-Dmvc~KDuNie1qlqpBE!GU2r2jb8GzYm9_X4OGxajFN_us",
        ]),
    token("value:crates_token", "cio[A-Za-z0-9]{32}")
        .entropy(3.8)
        .check(Check::Mixed)
        .hits(&["ci~o99Eoc11vor1ARs~qmrEXKizMolc0tItoK"])
        .misses(&["ci~o99Eoc11vor1AR~sqmrEXKizMolc0tIto", "ci~o99Eoc11vor1ARs~qmrEXKizMolc0tItoKx"]),
    token("value:rubygems_key", "rubygems_[0-9a-f]{48}")
        .entropy(3.0)
        .hits(&["ru~bygems_c8f8853300daf514599~5c4b329a14e52f2d0cf4449614b30"])
        .misses(&[
            "ru~bygems_c8f8853300daf51459~95c4b329a14e52f2d0cf4449614b3",
            "ru~bygems_c8f8853300daf514599~5c4b329a14e52f2d0cf4449614b307",
        ]),
    token("value:nuget_key", "oy2[a-z0-9]{43}")
        .entropy(3.5)
        .hits(&["oy~2l2o2parxhzxo3ws0mxr~mpvsxdmx3m8x6sd192kltxnl"])
        .misses(&[
            "oy~2l2o2parxhzxo3ws0mxr~mpvsxdmx3m8x6sd192kltxn",
            "oy~2l2o2parxhzxo3ws0mxrm~pvsxdmx3m8x6sd192kltxnlx",
        ]),
    token("value:docker_token", r"dckr_(pat|oat)_[\w-]{27,}")
        .entropy(3.0)
        .hits(&["dc~kr_pat_0i0u7yxF~rhiJY7CyTAC_nyoZdyA"])
        .misses(&["dc~kr_pat_0i0u7yxF~rhiJY7CyTAC_nyoZdy", "dc~kr_pat_0i0u7yxFr~hiJY7C!yTAC_nyoZdyA"]),
    token("value:clojars_token", "CLOJARS_[0-9a-f]{60}")
        .entropy(3.0)
        .hits(&["CL~OJARS_0dfaba6e34362a8100c094836~f7b6616e5d53573f1982374b688904944d5"])
        .misses(&[
            "CL~OJARS_0dfaba6e34362a8100c094836~f7b6616e5d53573f1982374b688904944d",
            "CL~OJARS_0dfaba6e34362a8100c094836f~7b6616e5d53573f1982374b688904944d5x",
        ]),
    token("value:artifactory_key", "AKCp[A-Za-z0-9]{69}")
        .entropy(3.8)
        .hits(&["AK~CpmUXsYhrUH2lakXDhnj2MYvWXEk6fp9O7~eFp4tE78GggGro3zCZbSaY5JRFD4Dxb01Pz1b"])
        .misses(&[
            "AK~CpmUXsYhrUH2lakXDhnj2MYvWXEk6fp9O~7eFp4tE78GggGro3zCZbSaY5JRFD4Dxb01Pz1",
            "AK~CpmUXsYhrUH2lakXDhnj2MYvWXEk6fp9O7~eFp4tE78GggGro3zCZbSaY5JRFD4Dxb01Pz1bx",
        ]),
    token("value:artifactory_reference_token", "cmVmd[A-Za-z0-9]{59}")
        .entropy(3.8)
        .hits(&["cm~Vmd9UFR2Du0wVoEjm1SOpddUivZSX~KcwGwFmPuJnY88KTwxMBGZmJrHFHro066"])
        .misses(&[
            "cm~Vmd9UFR2Du0wVoEjm1SOpddUivZSX~KcwGwFmPuJnY88KTwxMBGZmJrHFHro06",
            "cm~Vmd9UFR2Du0wVoEjm1SOpddUivZSXK~cwGwFmPuJnY88KTwxMBGZmJrHFHro0667",
        ]),
    named("value:artifactory_token", "(?i)(jfrog|artifactory|bintray|xray)", "([A-Za-z0-9]{73}|[A-Za-z0-9]{64})")
        .entropy(3.5)
        .hits(&["jf~rog_secret=«AbPHUOPjWxGao2m8VNVynhz5qlTy5ZcrNqnl~hr6rH1P1NkXwe4vxhEJ9tI1iKPwdnmXEGtGyB»"])
        .misses(&[
            "jf~rog_secret=AbPHUOPjWxGao2m8VNVynhz5qlTy5ZcrNqnl~hr6rH1P1NkXwe4vxhEJ9tI1iKPwdnmXEGtGy",
            "jf~rog_secret=333333333333333333333333333333333333~3333333333333333333333333333333333333",
            "build_id=AbPHUOPjWxGao2m8VNVynhz5qlTy5ZcrNqnl~hr6rH1P1NkXwe4vxhEJ9tI1iKPwdnmXEGtGyB",
        ]),
    token("value:packagist_token", "packagist_[a-z]{3}_[0-9a-f]{40,}")
        .entropy(3.0)
        .hits(&["pa~ckagist_nxl_41c09d6f817a~3022b65b0d34d1c7c224cc21c6b3"])
        .misses(&[
            "pa~ckagist_nxl_41c09d6f817a~3022b65b0d34d1c7c224cc21c6b",
            "pa~ckagist_nxl_41c09d6f817a3~022b65b0d!34d1c7c224cc21c6b3",
        ]),
    named("value:hex_key", "(?i)(hex_api|hexpm|hex_pm)", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&[r#""HE~X_API_API_TOKEN": "«227e650c964937d2~10b86c8a05ef8452»""#])
        .misses(&[
            r#""HE~X_API_API_TOKEN": "227e650c964937d2~10b86c8a05ef845""#,
            r#""HE~X_API_API_TOKEN": "cccccccccccccccc~cccccccccccccccc""#,
            r#""build_id": "227e650c964937d2~10b86c8a05ef8452""#,
        ]),
    named("value:cloudsmith_key", "(?i)cloudsmith", "[0-9a-f]{40}")
        .entropy(3.0)
        .hits(&["CL~OUDSMITH_API_TOKEN: «e6873cc19bc587379274~031fc0bc6ad8e96ccae3»"])
        .misses(&[
            "CL~OUDSMITH_API_TOKEN: e6873cc19bc587379274~031fc0bc6ad8e96ccae",
            "CL~OUDSMITH_API_TOKEN: 22222222222222222222~22222222222222222222",
            "build_id: e6873cc19bc587379274~031fc0bc6ad8e96ccae3",
        ]),
    named("value:gemfury_token", "(?i)(gemfury|fury)", "[A-Za-z0-9]{20,40}")
        .entropy(3.5)
        .hits(&["GE~MFURY_SECRET := '«dutTUPRk6X~61n2Q8elQZ»'"])
        .misses(&[
            "GE~MFURY_SECRET := 'dutTUPRk6X~61n2Q8elQ'",
            "GE~MFURY_SECRET := 'bbbbbbbbbb~bbbbbbbbbb'",
            "build_id := 'dutTUPRk6X~61n2Q8elQZ'",
        ]),
    named("value:gradle_publish_secret", "(?i)gradle[._]publish", "[A-Za-z0-9]{32,48}")
        .entropy(3.5)
        .hits(&["gr~adle.publish.secret=«zxmoTMfLsMRHo4qZ~MPcSOeztBBjaZ5FL»"])
        .misses(&[
            "gr~adle.publish.secret=zxmoTMfLsMRHo4qZ~MPcSOeztBBjaZ5F",
            "gr~adle.publish.secret=1111111111111111~1111111111111111",
            "build_id=zxmoTMfLsMRHo4qZ~MPcSOeztBBjaZ5FL",
        ]),
    named("value:quay_token", "(?i)quay", "[A-Z0-9]{64}")
        .entropy(3.8)
        .hits(&[r#""QU~AY_API_TOKEN": "«DUVIUEH42JLN5CM33G9OKHIS6SHPK1HU~DAWYSHNMZP9YP4HW9DXM3FE3PVLL543T»""#])
        .misses(&[
            r#""QU~AY_API_TOKEN": "DUVIUEH42JLN5CM33G9OKHIS6SHPK1HU~DAWYSHNMZP9YP4HW9DXM3FE3PVLL543""#,
            r#""QU~AY_API_TOKEN": "22222222222222222222222222222222~22222222222222222222222222222222""#,
            r#""build_id": "DUVIUEH42JLN5CM33G9OKHIS6SHPK1HU~DAWYSHNMZP9YP4HW9DXM3FE3PVLL543T""#,
        ]),
    named(
        "value:anaconda_token",
        "(?i)(anaconda|conda)",
        "([a-z]{2}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
    )
    .entropy(3.0)
    .hits(&["an~aconda_secret: «le-d92b5a26-459d-9a~20-dafc-70adfacb2713»"])
    .misses(&[
        "an~aconda_secret: le-d92b5a26-459d-9a~20-dafc-70adfacb271",
        "build_id: le-d92b5a26-459d-9a~20-dafc-70adfacb2713",
    ]),
    named("value:libraries_io_key", r"(?i)libraries_?\.?io", "[0-9a-f]{32}")
        .entropy(3.0)
        .hits(&["li~brariesio_api_token := '«64cfc0e0fea6741b~405e146aa359151f»'"])
        .misses(&[
            "li~brariesio_api_token := '64cfc0e0fea6741b~405e146aa359151'",
            "li~brariesio_api_token := 'aaaaaaaaaaaaaaaa~aaaaaaaaaaaaaaaa'",
            "build_id := '64cfc0e0fea6741b~405e146aa359151f'",
        ]),
];
