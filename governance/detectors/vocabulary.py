"""The words of column headers, folded to ASCII: English, German, French and Spanish in full, the
usual ones of Italian, Dutch, Portuguese, Polish and the Nordic languages.
"""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# NOTE: generic words stand inside phrases ("card number") but ask for nothing alone.
GENERIC = _words("""
    code number id no nr num value field column key type kind status flag count total text
    numero nummer wert champ valor
""")
TIME_WORDS = _words("""
    date time timestamp ts at created updated modified epoch day month year hour minute
    second seconds ms millis milliseconds duration datum zeit uhrzeit fecha hora heure jour
    jahr
""")
AMOUNT_WORDS = _words("""
    amount price cost total sum balance salary income revenue score rating count quantity
    qty percent pct rate ratio votes population size bytes width height length weight betrag
    preis summe anzahl menge prix montant precio importe
""")
# Numbers of things: written like a telephone or social security number, they are none.
THING_WORDS = _words("""
    part sku order invoice serial item lot batch tracking article product parcel shipment catalog
    catalogue isbn ean gtin upc mpn artikel artikelnummer teil teilenummer auftrag rechnung
    bestellung commande facture pedido factura articulo
""")
VERSION_WORDS = _words("""
    version versions ver firmware fw build release revision rev sw software kernel driver patch
""")
# They turn an age into a figure about many people.
STATISTIC_WORDS = _words("""
    median mean avg average estimate estimated min max std share pct percent group groups
""")
# Headers that say whose address or postal code it is need no neighbour.
PERSON_WORDS = _words("""
    customer client employee patient user member guest student passenger subscriber person
    personal home kunde kunden mitarbeiter patienten cliente empleado paciente
""")

# What has proper names and is no person; a model takes many of them for one.
NAMED_OTHERWISE = _words("""
    company employer vendor supplier brand product item article model make manufacturer team club
    city town country state county region district street location place airport station title
    movie film show series song album artist band book game event species breed drug disease
    university college school department faculty agency network channel pollster sponsor bank
    store shop hotel restaurant organisation organization firma unternehmen marke produkt artikel
    stadt ort land titel schule verein ville pays entreprise produit ciudad pais empresa producto
""")

# One paragraph an entity; "a b" is a phrase of two tokens, which also matches the glued "ab".
_PHRASES = """
EMAIL_ADDRESS: email, e mail, mail, email address, mail address, correo, courriel, e mail
    adresse, correo electronico, emailadresse,
    emailadres, e mailadres, epost, e post, poczta, correio, indirizzo email, adres email
PHONE_NUMBER: phone, telephone, tel, mobile, mobile number, cell phone, cellphone, fax, phone
    number, telefon, telefonnummer, handy, handynummer, rufnummer, mobil, mobilnummer, telefono,
    movil, portable, telefax, msisdn, contact number, callback, cellulare, celular, komorka,
    telefoon, telefoonnummer, mobiel, mobiele nummer, telefone, telemovel, telefonnr, mobilnr,
    numer telefonu, nr telefonu, puhelin, puhelinnumero
CREDIT_CARD: credit card, card number, card no, cc number, ccnum, cc, debit card, pan, payment
    card, kreditkarte, kreditkartennummer, kartennummer, carte bancaire, numero carte, tarjeta,
    numero tarjeta, tarjeta credito
IBAN_CODE: iban, kontonummer, bank account, account iban, cuenta bancaria, compte bancaire,
    rekeningnummer, bankrekening, conto corrente, numer konta
SWIFT_CODE: swift, bic, swift code, bic code, bank identifier
CRYPTO: wallet, wallet address, bitcoin, btc, btc address, crypto address
IP_ADDRESS: ip, ip address, ipaddr, ipv4, ipv6, srcaddr, dstaddr, remote addr, client ip, source
    ip, src ip, dst ip, ip adresse, adresse ip, direccion ip
MAC_ADDRESS: mac, mac address, mac addr, hardware address, hwaddr, mac adresse
US_SSN: ssn, social security, social security number, socialsecurity, soc sec
US_ITIN: itin, individual taxpayer
US_PASSPORT: passport, us passport, passport number
US_DRIVER_LICENSE: driver license, drivers license, driver s license, driving license,
    driverslicense
US_BANK_NUMBER: account number, bank account number, bank number, acct number, acct no
ABA_ROUTING_NUMBER: aba, routing number, aba routing, routing
US_MBI: mbi, medicare beneficiary
US_NPI: npi, national provider
US_HEALTH_INSURANCE_MEMBER_ID: health insurance member, insurance member id, member id health
MEDICAL_LICENSE: medical license, dea number, dea
UK_NHS: nhs, nhs number
UK_NINO: nino, ni, ni no, national insurance, national insurance number, ni number
UK_PASSPORT: uk passport, passport uk
UK_DRIVING_LICENCE: driving licence, driving licence number
UK_VEHICLE_REGISTRATION: uk registration, vehicle registration uk, number plate
DE_TAX_ID: steuer id, steueridentifikationsnummer, steuer identifikationsnummer, idnr, steuerid,
    steuer
DE_TAX_NUMBER: steuernummer, steuer nr, steuer
DE_SOCIAL_SECURITY: sozialversicherungsnummer, rentenversicherungsnummer, svnr, sv nummer, rvnr
DE_HEALTH_INSURANCE: krankenversichertennummer, kvnr, krankenkassennummer, versichertennummer
DE_ID_CARD: personalausweis, personalausweisnummer, ausweisnummer, perso
DE_PASSPORT: reisepass, reisepassnummer, passnummer
DE_FUEHRERSCHEIN: fuehrerschein, fuehrerscheinnummer
DE_KFZ: kfz, kennzeichen, kfz kennzeichen, nummernschild
ES_NIF: nif, dni
ES_NIE: nie
ES_PASSPORT: pasaporte
IT_FISCAL_CODE: codice fiscale, codicefiscale, fiscal code
IT_PASSPORT: passaporto
IT_IDENTITY_CARD: carta identita, carta d identita
IT_DRIVER_LICENSE: patente, patente di guida
PL_PESEL: pesel
FI_PERSONAL_IDENTITY_CODE: hetu, henkilotunnus
SE_PERSONNUMMER: personnummer
CA_SIN: sin, social insurance, social insurance number
AU_TFN: tfn, tax file number
AU_MEDICARE: medicare, medicare number
IN_AADHAAR: aadhaar, aadhar, uidai
IN_PAN: pan card, permanent account, pan
IN_PASSPORT: indian passport
IN_VOTER: voter id, epic number
SG_NRIC_FIN: nric, fin, nric fin
KR_RRN: rrn, resident registration
KR_FRN: frn, foreigner registration
KR_PASSPORT: korean passport
TH_TNIN: tnin, thai id
TR_NATIONAL_ID: tckn, tc kimlik
NG_NIN: nin
ZA_ID_NUMBER: sa id, south african id
PERSON: first name, last name, full name, middle name, family name, given name, surname,
    forename, fname, lname, person, person name, customer name, client name, employee name,
    patient name, contact name, user full name, holder name, card holder, cardholder, account
    holder, member name, guest name, student name, passenger name, recipient name, maiden name,
    display name, vorname, nachname, familienname, kundenname, ansprechpartner, karteninhaber,
    kontoinhaber, prenom, nom, nom famille, nombre, apellido, apellidos, nombre completo,
    cognome, nome cognome, nome completo, sobrenome, apelido, voornaam, achternaam, voornamen,
    naam klant, foernamn, efternamn, fornavn, efternavn, etternavn, etunimi, sukunimi, imie,
    nazwisko, imie nazwisko
DATE_OF_BIRTH: birth date, date of birth, dob, birthday, birth day, born, geburtsdatum, geboren,
    geburtstag, geb datum, geb dat, ne e le, ne le, nee le,
    data di nascita, data nascita, date de naissance, date naissance, fecha de nacimiento, fecha
    nacimiento, nacimiento, naissance,
    birth dt, bday, geboortedatum, data nascimento, data de nascimento, foedelsedatum,
    fodelsedatum, foedselsdato, fodselsdato, data urodzenia, syntymaaika
AGE: age, current age, patient age, alter, lebensalter, edad,
    leeftijd, idade, alder, wiek
GENDER: gender, sex, geschlecht, sexe, sexo, genero,
    sesso, geslacht, plec, sukupuoli, kjoenn
SECRET: password, passwd, pwd, passphrase, api key, access token, auth token, secret key,
    client secret, private key, passwort, kennwort, contrasena, mot de passe
STREET_ADDRESS: address, street, street address, address line, addr, home address, postal
    address, mailing address, billing address, shipping address, delivery address, adresse,
    anschrift, strasse, hausnummer strasse, rue, calle, direccion, domicilio, wohnort adresse,
    indirizzo, endereco, morada, adres, straat, straatnaam, gatuadress, gateadresse, ulica,
    osoite
POSTAL_CODE: postal code, postcode, post code, zip, zip code, plz, postleitzahl, code postal,
    codigo postal, cp,
    codice postale, cep, postnummer, postnr, kod pocztowy, postinumero
USERNAME: username, user name, login, login name, userid name, benutzername, benutzer, nom
    utilisateur, nombre usuario, screen name, nickname
GEO_COORDINATES: latitude, longitude, lat, lon, lng, geo, coordinates, coordinate, geolocation,
    gps, breitengrad, laengengrad
IMEI: imei
IMSI: imsi
MEID: meid, esn
VIN: vin, chassis, chassis number, chassis no, vehicle identification, fahrgestellnummer, fin nummer
DEVICE_ID: device id, deviceid, device identifier, device uuid, idfa, idfv, gaid, aaid, adid,
    advertising id, android id, udid, geraete id, geraetekennung
COOKIE_ID: cookie, cookie id, cookieid, visitor id, visitorid, ga client id, fbp, ga cookie,
    browser id
RELIGION: religion, religious belief, religious affiliation, faith, denomination, konfession,
    religionszugehoerigkeit, glaube, culte, croyance, confesion, creencia
SEXUAL_ORIENTATION: sexual orientation, sexuality, sexuelle orientierung, orientation sexuelle,
    orientacion sexual
ETHNICITY: ethnicity, ethnic, ethnic group, ethnic origin, race, race ethnicity, ethnie,
    ethnische herkunft, origine ethnique, raza, etnia, origen etnico
POLITICAL_OPINION: political opinion, political party, political affiliation, party affiliation,
    political view, political views, party registration, party code, parteizugehoerigkeit,
    politische einstellung, parti politique, opinion politique, partido politico, ideologia
TRADE_UNION: trade union, union member, union membership, labor union, labour union,
    gewerkschaft, gewerkschaftsmitglied, syndicat, appartenance syndicale, sindicato,
    afiliacion sindical
HEALTH: diagnosis, diagnoses, icd, icd10, icd 10, icd code, medical condition, health condition,
    health status, disease, illness, disability, allergy, allergies, blood type, blood group,
    medication, medications, symptom, symptoms, hiv status, medical history, diagnose, krankheit,
    behinderung, schwerbehinderung, allergie, blutgruppe, medikament, medikamente, vorerkrankung,
    maladie, groupe sanguin, medicament, antecedents medicaux, enfermedad, diagnostico,
    discapacidad, alergia, grupo sanguineo, medicamento
"""


def _paragraphs(text: str) -> Mapping[str, tuple[str, ...]]:
    joined = text.replace("\n    ", " ").strip().splitlines()
    split = (line.partition(": ") for line in joined)
    return {
        entity: tuple(phrase.strip() for phrase in phrases.split(","))
        for entity, _, phrases in split
    }


PHRASES = _paragraphs(_PHRASES)
