#include "heed/app/run_app.h"

int main(int argc, char** argv) { return heed::run_app(argc, argv); }
