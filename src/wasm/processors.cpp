// In place of src/base/processors.cpp: a page has one thread.
#include "heed/base/processors.h"

namespace heed {

int usable_processors() { return 1; }
int all_processors() { return 1; }
std::string processors_text() { return "1 processor"; }
std::string share_of_processors(int) { return ""; }

}  // namespace heed
