/* translate-c MODEL [--attention] < sentences > translations */
#define _POSIX_C_SOURCE 200809L
#include <heed.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static int fail(heed_error* error) {
  fprintf(stderr, "%s\n", heed_error_message(error).data);
  heed_error_free(error);
  return 1;
}

/* A line for each target token: the token, and how much of its attention each source token has. */
static void print_attention(const heed_result* result) {
  size_t target, source;
  const float* weights = heed_result_attention(result, 0, 0, &target, &source);
  for (size_t t = 0; t < target; ++t) {
    printf("  %s", heed_result_token(result, 0, 0, t).text.data);
    for (size_t s = 0; s < source; ++s)
      printf(" %s:%.2f", heed_result_source_token(result, 0, s).text.data, weights[t * source + s]);
    printf("\n");
  }
}

int main(int argc, char** argv) {
  if (argc < 2) return fprintf(stderr, "translate-c MODEL [--attention] < sentences > translations\n"), 2;
  heed_model* model;
  heed_error* error = heed_model_open((heed_text){argv[1], strlen(argv[1])}, NULL, &model);
  if (error != NULL) return fail(error);

  heed_translate_options options;
  heed_translate_options_init(&options, sizeof options);
  options.attention = argc > 2 && strcmp(argv[2], "--attention") == 0;

  char* line = NULL;
  size_t capacity = 0;
  for (ssize_t length; (length = getline(&line, &capacity, stdin)) >= 0;) {
    const heed_text sentence = {line, (size_t)length - (line[length - 1] == '\n')};
    heed_result* result;
    error = heed_translate(model, &sentence, 1, &options, &result);
    if (error != NULL) break;
    printf("%s\n", heed_result_text(result, 0, 0).data);
    print_attention(result);
    fflush(stdout);
    heed_result_free(result);
  }
  free(line);
  heed_model_free(model);
  return error != NULL ? fail(error) : 0;
}
