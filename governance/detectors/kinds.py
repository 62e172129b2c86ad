"""What kind of evidence an entity needs before a column is called one."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Categories of GDPR Art. 9: a word of a vocabulary, and a person beside it.
SPECIAL = frozenset(
    {"ETHNICITY", "HEALTH", "POLITICAL_OPINION", "RELIGION", "SEXUAL_ORIENTATION", "TRADE_UNION"}
)
# Their words mean little else, so that a column of them needs no header.
BY_VOCABULARY = frozenset({"RELIGION", "SEXUAL_ORIENTATION"})
# Said by a header and a plausible shape, never by the shape alone.
HEADER_ONLY = SPECIAL | {
    "AGE", "DATE_OF_BIRTH", "GENDER", "GEO_COORDINATES", "PERSON", "POSTAL_CODE",
    "STREET_ADDRESS", "USERNAME",
}  # fmt: skip
# An address names a place until a person stands beside it; so does a postal code, and a gender
# or a position is nobody's. Chinook's invoices hold billing addresses and no person: no verdict.
NEEDS_A_PERSON = SPECIAL | {"GENDER", "GEO_COORDINATES", "POSTAL_CODE", "STREET_ADDRESS"}
# Presence of any other in a table makes its rows speak of persons. A company's number or a
# network address alone does not.
NOT_A_PERSON = _words("""
    AGE AL_NIPT AU_ABN AU_ACN BR_CNPJ CA_BUSINESS_NUMBER CH_UID CN_USCC CRYPTO
    DE_HANDELSREGISTER DE_VAT_ID EU_VAT_NUMBER FR_SIREN FR_SIRET IN_GSTIN IP_ADDRESS IT_VAT_CODE
    KR_BRN LEI MAC_ADDRESS NO_ORGNR PL_REGON RS_PIB RU_OGRN SECRET SE_ORGANISATIONSNUMMER SG_UEN
    SWIFT_CODE TW_UBN UA_EDRPOU UK_VAT_NUMBER US_EIN US_PROVIDER_TAX_ID UY_RUT
    ZA_COMPANY_REGISTRATION ZA_VAT_NUMBER
""")
# Check digits strong enough that 0.9 over twenty distinct values is no chance: a random number
# of the same shape passes in at most 11 %.
CHECKED = _words("""
    ABA_ROUTING_NUMBER AR_CBU AR_CUIT AT_SVNR AT_TIN AU_MEDICARE AU_TFN BE_NATIONAL_NUMBER
    BG_EGN BG_PNF BR_CNPJ BR_CPF BY_UNP CA_BC_HEALTH_NUMBER CA_BUSINESS_NUMBER CA_SIN CH_AHV
    CH_UID CL_RUT CN_RESIDENT_ID CN_USCC CO_NIT CREDIT_CARD CRYPTO CZ_BANK_ACCOUNT
    CZ_RODNE_CISLO DE_HEALTH_INSURANCE DE_SOCIAL_SECURITY DE_TAX_ID DO_CEDULA EC_CEDULA
    EE_ISIKUKOOD ES_CCC ES_NIE ES_NIF EU_VAT_NUMBER FI_PERSONAL_IDENTITY_CODE FR_NIF FR_NIR
    FR_SIREN FR_SIRET GR_AFM GR_AMKA HR_OIB IBAN_CODE ID_NPWP IE_PPS IL_IDENTITY_NUMBER
    IN_AADHAAR IS_KENNITALA IT_FISCAL_CODE JP_MY_NUMBER KR_FRN KR_RRN LEI LT_ASMENS_KODAS
    LV_PERSONAS_KODS MU_NID MX_CURP MX_RFC NL_BSN NL_ONDERWIJSNUMMER NO_BANK_ACCOUNT
    NO_FODSELSNUMMER NO_ORGNR NZ_BANK_ACCOUNT NZ_IRD PE_DNI PE_RUC PL_NIP PL_PESEL PL_REGON
    PT_CC PT_NIF PY_RUC RO_CNP RS_PIB RU_INN RU_OGRN SE_PERSONNUMMER SI_DDV SI_EMSO
    SK_RODNE_CISLO SV_NIT TH_TNIN TR_NATIONAL_ID UA_EDRPOU UA_RNTRC UK_NHS UK_UPN UK_UTR
    UK_VAT_NUMBER US_NPI UY_RUT VE_RIF VN_MST
""")
