"""The same with OpenNMT-py 2, whose checkpoints hold torchtext's vocabularies: train_opennmt_2.py FOLDER [--whole]"""

import torch
import train_opennmt

CASE = "encoder_type: brnn\nrnn_type: GRU\nlayers: 1\nrnn_size: 12\nword_vec_size: 8\nglobal_attention: general\ninput_feed: 1\n"


class Toolkit:
    """OpenNMT-py 2 itself with a checkpoint."""

    def __init__(self, path, end):
        self.end = end.split()
        from onmt.model_builder import load_test_model
        from onmt.opts import translate_opts
        from onmt.utils.parse import ArgumentParser
        parser = ArgumentParser()
        translate_opts(parser)
        fields, self.model, _ = load_test_model(parser.parse_args(["-model", str(path), "-src", "none"]))
        self.source, self.target = (dict(fields)[side].base_field.vocab.stoi for side in ("src", "tgt"))
        self.model.eval()

    def score(self, source, target):
        with torch.no_grad():
            read = torch.tensor([self.source.get(each, self.source["<unk>"]) for each in [*source, *self.end]])[:, None, None]
            lengths = torch.tensor([len(read)])
            final, states, lengths = self.model.encoder(read, lengths)
            self.model.decoder.init_state(read, states, final)
            ids = torch.tensor([self.target.get(each, self.target["<unk>"]) for each in ["<s>", *target, "</s>"]])
            outputs, _ = self.model.decoder(ids[:-1, None, None], states, memory_lengths=lengths)
            return self.model.generator(outputs[:, 0]).gather(1, ids[1:, None]).sum().item()


train_opennmt.CASES = {"legacy": CASE}
train_opennmt.Toolkit = Toolkit
if __name__ == "__main__":
    train_opennmt.main()
