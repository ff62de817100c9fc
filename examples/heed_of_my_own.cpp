// A full `heed` that knows a mechanism of your own: train, translate, view, info, ... with model.attention.kind:
// gated-general.
#include <heed/app/run_app.h>

#include "gated_general.h"

int main(int argc, char** argv) {
  heed::add_attention_kind(kGatedGeneral);
  return heed::run_app(argc, argv);
}
