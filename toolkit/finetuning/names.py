"""Names that are put in the place of targets while training, so that the name carries no tone.

States, capitals, offices, bodies, armed groups and invented persons. :data:`HELD_OUT` is for audits alone: training
neither puts these in nor (as was checked) has them as targets.
"""

from __future__ import annotations

__all__ = ["HELD_OUT", "NAMES"]

_STATES = """
Algeria|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|Bahrain|Bangladesh|Belarus|Belgium|Bolivia|Bosnia|Brazil|
Britain|Bulgaria|Burkina Faso|Cambodia|Cameroon|Canada|Chad|Chile|China|Colombia|Croatia|Cuba|Cyprus|Denmark|Ecuador|
Egypt|Eritrea|Ethiopia|Finland|France|Georgia|Germany|Ghana|Greece|Guyana|Haiti|Hungary|India|Indonesia|Iran|Iraq|
Ireland|Israel|Italy|Ivory Coast|Japan|Jordan|Kazakhstan|Kenya|Kosovo|Kuwait|Lebanon|Libya|Mali|Mexico|Moldova|
Mongolia|Morocco|Mozambique|Myanmar|Nepal|New Zealand|Nicaragua|Niger|Nigeria|North Korea|Norway|Oman|Pakistan|Panama|
Peru|Poland|Qatar|Romania|Russia|Rwanda|Saudi Arabia|Senegal|Serbia|Somalia|South Africa|South Korea|South Sudan|Spain|
Sri Lanka|Sudan|Sweden|Syria|Taiwan|Tanzania|Thailand|the Netherlands|the Philippines|the United Arab Emirates|
the United Kingdom|the United States|Tunisia|Turkey|Uganda|Ukraine|Uzbekistan|Venezuela|Vietnam|Yemen|Zimbabwe
"""
_CAPITALS = """
Abu Dhabi|Abuja|Addis Ababa|Algiers|Amman|Ankara|Asmara|Astana|Athens|Baghdad|Baku|Bamako|Bangkok|Beijing|Beirut|
Belgrade|Berlin|Bogota|Brasilia|Brussels|Bucharest|Budapest|Buenos Aires|Cairo|Canberra|Caracas|Damascus|Dhaka|Doha|
Hanoi|Havana|Helsinki|Islamabad|Jakarta|Juba|Kabul|Khartoum|Kigali|Kinshasa|Kyiv|Lima|London|Madrid|Manila|
Mexico City|Minsk|Mogadishu|Moscow|Nairobi|New Delhi|Niamey|Oslo|Ottawa|Paris|Pretoria|Pristina|Pyongyang|Quito|Rabat|
Riyadh|Rome|Sanaa|Sarajevo|Seoul|Stockholm|Taipei|Tallinn|Tashkent|Tbilisi|Tehran|Tokyo|Tripoli|Tunis|Vienna|Warsaw|
Washington|Yerevan
"""
_OFFICES = """
the Turkish government|the Russian defence ministry|Syria's foreign ministry|the Iranian leadership|
the French president|the Kremlin|
the White House|the Pentagon|Downing Street|the German chancellor|the Chinese foreign minister|
the Indian army|Pakistan's military|Egyptian officials|the Saudi crown prince|the Emirati foreign ministry|
the Israeli cabinet|Polish border guards|the Ethiopian prime minister|Sudan's generals|Venezuela's president|
the Mexican government|the Brazilian president|Japan's prime minister|South Korean officials|Serbia's president|
the Greek coast guard|Ukrainian forces|the Azerbaijani army|the Armenian prime minister|Turkish troops|Russian jets|
Syrian government forces|American diplomats|the Libyan coast guard|the Nigerian army|Rwanda's president|
the junta|the interior ministry|the foreign ministry|the central government|the opposition|the rebels|the regime
"""
_BODIES = """
NATO|the United Nations|the UN|the European Union|the EU|the African Union|the Arab League|ASEAN|ECOWAS|the OSCE|OPEC|
the IMF|the World Bank|the World Health Organization|the IAEA|the International Criminal Court|the Security Council|
the European Commission|Hezbollah|Hamas|the Houthis|the Taliban|the PKK|the YPG|the Syrian Democratic Forces|
Hayat Tahrir al-Sham|the Free Syrian Army|M23|the Rapid Support Forces|the ELN|al-Shabaab|the Wagner group|
the Republicans|the Democrats|the Labour Party|the Conservatives|the Senate|Congress|the Supreme Court|the FBI|
Facebook|Google|Amazon|Exxon|Greenpeace|Amnesty International|the Red Cross
"""
_PERSONS = """
Smith|Johnson|Miller|Garcia|Novak|Kowalski|Yilmaz|Ivanov|Petrova|Haddad|Mansour|Okafor|Mwangi|Tanaka|Kim|Nguyen|Singh|
Sharma|Silva|Fernandez|Rossi|Dubois|Schneider|Larsen|Virtanen|Papadopoulos|Horvat|Popescu|Mr. Collins|Mrs. Baker|
Senator Whitfield|President Hale|Governor Marsh|Emma Lindgren|Thomas Reed|Maria Castillo|Ahmed Nasser|Li Wen|
John Carver|Olga Sokolova|David Stern|he|she|they|it|him|her|them
"""
NAMES: tuple[str, ...] = tuple(
    name.strip()
    for text in (_STATES, _CAPITALS, _OFFICES, _BODIES, _PERSONS)
    for name in text.split("|")
    if name.strip()
)
HELD_OUT: tuple[str, ...] = (
    "Thimphu",
    "Vaduz",
    "Paramaribo",
    "Lesotho",
    "the Bhutanese government",
    "Suriname's president",
    "Liechtenstein",
    "the Maldivian navy",
)
