#include "porter_stem.h"

#include <gtest/gtest.h>

#include <sstream>

namespace heed {
namespace {

// The examples of Porter 11010 and words of NLTK's departures from it, with the stems that NLTK 3.10.4 gives.
TEST(PorterStem, EqualsNltk) {
  std::istringstream words(
      "caresses ponies ties caress cats feed agreed plastered bled motoring sing conflated troubled sized hopping "
      "tanned falling hissing fizzed failing filing happy sky enjoy spied died relational conditional rational valenci "
      "hesitanci digitizer conformabli radically differently vileli analogously vietnamization predication operator "
      "feudalism decisiveness hopefulness callousness formality sensitivity sensibility triplicate formative formalize "
      "electricity electrical hopeful goodness revival allowance inference airliner gyroscopic adjustable defensible "
      "irritant replacement adjustment dependent adoption homologou communism activate angularity homologous effective "
      "bowdlerize probate rate cease controlling roll generalizations oscillators skies dying news outing proceed "
      "geology archaeology fully usefully yyyy yes syzygy 1990s aed used ions owing trees aing ate eel");
  std::istringstream stems(
      "caress poni tie caress cat feed agre plaster bled motor sing conflat troubl size hop tan fall hiss fizz fail "
      "file happi sky enjoy spi die relat condit ration valenc hesit digit conform radic differ vile analog vietnam "
      "predic oper feudal decis hope callous formal sensit sensibl triplic form formal electr electr hope good reviv "
      "allow infer airlin gyroscop adjust defens irrit replac adjust depend adopt homolog commun activ angular homolog "
      "effect bowdler probat rate ceas control roll gener oscil sky die news outing proceed geolog archaeolog fulli "
      "use yyyi ye syzygi 1990 a use ion owe tree a ate eel");
  int count = 0;
  for (std::string word, stem; words >> word && stems >> stem; ++count) EXPECT_EQ(porter_stem(word), stem) << word;
  EXPECT_EQ(count, 101);
}

}  // namespace
}  // namespace heed
